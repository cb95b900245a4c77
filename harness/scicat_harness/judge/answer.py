"""Expected answers written by hand, for requests that no rule of the oracle covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation, Matcher
from scicat_harness.model.outcome import Decision

__all__ = ["BY_HAND", "ExpectedAnswer", "answer"]

BY_HAND = "by-hand"
"""The rule id of expectations that no rule of the oracle decides."""


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """A status, a pattern of the error message, and matchers of the parsed reply.

    ``message`` is a regular expression that must match the whole message; with None the message
    is not judged. ``because`` is a sentence with its source, shown in the story of a failure.
    """

    status: int
    because: str
    matchers: tuple[Matcher, ...] = ()
    message: str | None = None

    def expectation(self) -> Expectation:
        """Return the expectation of this answer, decided by the rule ``BY_HAND``."""
        return Expectation(
            decision=self._decision(),
            status=self.status,
            message=self.message,
            deciding=BY_HAND,
            sentence=f"{BY_HAND}: {self.because}",
            rules=(BY_HAND,),
            document=self._document,
            # Refusals may be worded differently, but a server error is never a promised one.
            promise=(self.status < 300, self.status >= 500),
        )

    def _document(self, document: Any) -> Iterator[Difference]:
        for matcher in self.matchers:
            yield from matcher(document)

    def _decision(self) -> Decision:
        if self.status < 300:
            return Decision.ALLOW
        # A 400 counts as invalid, also where releases before v5.2.0 refuse with it.
        return Decision.DENY if self.status in (401, 403) else Decision.INVALID


def answer(
    status: int, *matchers: Matcher, because: str, message: str | None = None
) -> ExpectedAnswer:
    """Return the answer with this status that matches all of these; ``message`` is a pattern.

    answer(400, because="a list is expected (documentation: jobs)", message="Invalid .*")
    """
    return ExpectedAnswer(status, because, matchers, message)
