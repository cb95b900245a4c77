"""Told by hand: what a request comes to, in literal terms, where the oracle has no words for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.compare import reply_mismatches
from scicat_harness.oracle.answers import Answer, Reply
from scicat_harness.oracle.predict import Prediction
from scicat_harness.oracle.rule import Decided, Rule

__all__ = ["BY_HAND", "Told"]

BY_HAND = "by-hand"
"""The rule id of what no rule of the oracle decides."""


def _anything(reply: Any) -> list[str]:
    del reply
    return []


@dataclass(frozen=True, slots=True)
class Told:
    """A status, a pattern of the message, and what is wrong with the parsed reply.

    ``why`` is a sentence with its source, for the story of a failure. ``shows`` may ask further
    questions of the backend: it runs after the request.
    """

    status: int
    why: str
    shows: Callable[[Any], list[str]] = _anything
    message: str | None = None

    def prediction(self) -> Prediction:
        """The same in the words of the oracle."""
        sentence, _, source = self.why.partition(" (")
        answer = self._answer()
        reply = Reply(self.status, self.message)
        rule = Rule[None, Reply](BY_HAND, sentence, source.rstrip(")"), lambda _: True, reply)
        return Prediction(
            answer=answer,
            reply=reply,
            deciding=rule.id,
            rules=(rule.id,),
            path=(Decided(rule, ()),),
        )

    def problems(self, exchange: Exchange) -> list[str]:
        """In what a reply is not what is told."""
        return reply_mismatches(self.prediction(), exchange) or self.shows(exchange.json)

    def _answer(self) -> Answer:
        if self.status < 300:
            return Answer.DONE
        if self.status in (401, 403):
            return Answer.ENDPOINT_FORBIDDEN
        return Answer.SERVER_ERROR if self.status >= 500 else Answer.BODY_INVALID
