"""The prediction: the outcome of one request, with the rules that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scicat_harness.model.effect import Effect
from scicat_harness.model.outcome import Decision, StoredJob
from scicat_harness.oracle.answers import Answer, ReplyPattern
from scicat_harness.oracle.rule import Decided, Step

__all__ = ["Prediction"]

_BY_ACTIONS = frozenset({Answer.ACTION_REFUSED, Answer.ACTION_FAILED})


@dataclass(frozen=True, slots=True)
class Prediction:
    """The predicted outcome of a request, with the rules that led to it.

    ``deciding`` is the id of the deciding rule, ``rules`` are the ids of all rules that applied,
    ``path`` is the decision of each table. ``visible`` is set for lists only, ``job`` for a create
    that is stored. ``written`` is True if a job is stored or changed, even if the reply is an
    error. ``dies`` is True if the backend ends instead of answering.
    """

    answer: Answer
    reply: ReplyPattern
    deciding: str
    rules: tuple[str, ...]
    path: tuple[Decided[Any, Any], ...]
    job: StoredJob | None = None
    visible: bool | None = None
    effects: tuple[Effect, ...] = ()
    written: bool = False
    dies: bool = False

    @property
    def decision(self) -> Decision:
        """The decision class of the answer."""
        return self.answer.decision

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every rule that was tried, in order; in each table the last one applied."""
        return tuple(step for decided in self.path for step in decided.steps())

    @property
    def sentence(self) -> str:
        """Id, sentence and source of the deciding rule."""
        rule = next(each.rule for each in self.path if each.rule.id == self.deciding)
        return f"{rule.id}: {rule.sentence} ({rule.source})"

    def same_promise(self, other: Prediction) -> bool:
        """Return whether two predictions promise the same; refusals may differ in status and text.

        The documentation promises who may do what, not which refusal comes first. A server error is
        never a promised refusal.
        """
        return self.promise() == other.promise()

    def promise(self) -> tuple[object, ...]:
        """Return the part of the outcome in which two readings must agree to promise the same.

        The status counts for replies of actions only: there the configuration chooses it.
        """
        allowed = self.decision is Decision.ALLOW
        # Other statuses differ between releases without a change of what is allowed.
        status = self.reply.status if self.answer in _BY_ACTIONS else None
        effects = [(each.channel, each.content) for each in self.effects]
        server_error = self.reply.status >= 500 or self.dies
        return allowed, server_error, self.job, self.visible, self.written, status, effects
