"""A check: the requests it made on one backend, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import NoReturn

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.answering import answered
from scicat_harness.judge.context import CheckContext
from scicat_harness.judge.expecting import Readings
from scicat_harness.judge.failure import CheckFailed, LogWindow, Story
from scicat_harness.judge.outcome import Outcome, SentRequest, Subject
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.recording import check_record
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.identity import Identity
from scicat_harness.model.observation import Observation
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.release import Release
from scicat_harness.sinks.behaviour import Behaviour

__all__ = ["Check", "NotVerifiable"]

Send = Callable[[SciCat], Exchange]


class NotVerifiable(Exception):
    """This deployment cannot show what the check needs; the text says what is missing."""


@dataclass(slots=True)
class Check:
    """Requests and judgements of one check; ``key`` names it.

    ``at_once`` settles every outcome when it is judged instead of with a batch.
    """

    context: CheckContext
    key: str
    at_once: bool = False
    asked: list[Outcome] = field(default_factory=list, init=False)
    """What came of its requests, in their order."""
    behaviours: Sequence[Behaviour] = field(default=(), init=False)
    overruled: CheckRecord | None = field(default=None, init=False)
    """What counts instead of the judgements: it could not be judged, or failed elsewhere."""

    @property
    def record(self) -> CheckRecord | None:
        """What the check came to by now; None where nothing is judged yet."""
        return self.overruled or check_record(self.key, self.asked)

    def overrule(self, record: CheckRecord) -> None:
        """Let this count instead of the judgements."""
        self.overruled = record

    @property
    def is_pending(self) -> bool:
        """Whether something that it left is still to be looked at."""
        return any(each.pending for each in self.asked)

    @property
    def release(self) -> Release:
        """The release that is judged."""
        return self.context.release

    def settle(self) -> None:
        """Settle what this backend has left to settle; raises CheckFailed with every story."""
        stories = [story for each in self.context.settlement.settle().values() for story in each]
        self.context.pool.settled()
        if stories:
            raise CheckFailed(Story.joined(stories))

    def take_over(self, former: Check) -> None:
        """Settle what a check on a backend that ended left; this one has its data.

        Raises CheckFailed with every story.
        """
        self.asked = [*former.asked, *self.asked]
        former.asked = []
        self.context.settlement.take_over(former.context.settlement)
        if self.context.watch is not None and former.context.watch is not None:
            self.context.watch.take_over(former.context.watch)
        self.settle()

    def needs(self, since: Release, what: str, identity: Identity) -> None:
        """Say that the release is too old for it; counted by name, never as passed."""
        if self.release < since:
            self.not_verifiable(f"{self.release} lacks {what}, which came with {since}", identity)

    def not_verifiable(self, reason: str, identity: Identity | None = None) -> NoReturn:
        """Say that this deployment cannot show it; counted by name, never as passed."""
        self.overruled = CheckRecord(
            case=self.key,
            operation="",
            api="",
            identity=identity.name if identity is not None else "",
            job_type="",
            verdict=Verdict.NOT_VERIFIABLE,
            reason=reason,
        )
        raise NotVerifiable(reason)

    def _refuse_missing(self, identity: Identity) -> None:
        """Nobody is asked without a token, and there may be no backend to ask."""
        if identity.name not in self.context.prepared.tokens:
            reason = self.context.prepared.missing.get(identity.name, "no token for it")
            whose = f"{identity.name}: " if self.context.prepared.base_url else ""
            self.not_verifiable(whose + reason, identity)

    def _exchange(
        self, identity: Identity, subject: Subject, send: Send, expectation: Expectation | None
    ) -> SentRequest:
        """Send a request; a backend that ends meanwhile may be expected to."""
        self._refuse_missing(identity)
        log = LogWindow.open(self.context.prepared.log)
        exchange = answered(identity, expectation, log, lambda: send(self.context.client))
        return SentRequest(identity, subject, exchange, log)

    def outcome(self, asked: SentRequest, readings: Readings, *, settles: bool = False) -> Outcome:
        """Note a request that was sent, with what is expected of it; it is not judged yet."""
        exchange = asked.exchange
        observation = Observation(
            status=exchange.status,
            message=exchange.message,
            document=exchange.json,
            correlation=exchange.correlation or "",
        )
        at_once = self.settle if self.at_once else None
        outcome = Outcome(self.context, self.key, asked, readings, observation, settles, at_once)
        self.asked.append(outcome)
        return outcome

    def _behaving(self, correlation: str, send: Callable[[], Exchange]) -> Exchange:
        """Send while the sinks behave as they are to towards this request."""
        with ExitStack() as stack:
            for behaviour in self.behaviours:
                assert self.context.watch is not None
                stack.enter_context(self.context.watch.sinks.behaving(correlation, behaviour))
            return send()
