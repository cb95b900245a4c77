"""A check: its requests to one backend, their judgements, and its record."""

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
from scicat_harness.judge.form import form_differences
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
    """The deployment lacks something that the check needs; the text says what is missing."""


@dataclass(slots=True)
class Check:
    """The requests and judgements of one check; ``key`` names it.

    ``at_once`` settles every outcome when it is judged instead of with a batch.
    """

    context: CheckContext
    key: str
    at_once: bool = False
    outcomes: list[Outcome] = field(default_factory=list, init=False)
    """The outcomes of its requests, in the order in which they were sent."""
    overruled: CheckRecord | None = field(default=None, init=False)
    """The record that replaces the judgements of a check that could not be judged or that failed
    outside of them."""

    @property
    def record(self) -> CheckRecord | None:
        """The record of the check as judged so far; None where nothing is judged yet."""
        return self.overruled or check_record(self.key, self.outcomes)

    def overrule(self, record: CheckRecord) -> None:
        """Replace the judgements of the check by this record."""
        self.overruled = record

    @property
    def is_pending(self) -> bool:
        """True if what one of its requests left is still to be settled."""
        return any(each.pending for each in self.outcomes)

    @property
    def release(self) -> Release:
        """The release that is judged."""
        return self.context.release

    def settle(self) -> None:
        """Settle every pending request of this backend, those of other checks included.

        Raises CheckFailed with the stories of all requests that failed.
        """
        stories = [story for each in self.context.settlement.settle().values() for story in each]
        # Only now has the settlement read the jobs that were updated; they may be used again.
        self.context.pool.settled()
        if stories:
            raise CheckFailed(Story.joined(stories))

    def take_over(self, former: Check) -> None:
        """Settle the requests of a check whose backend ended; this backend runs on its data.

        Requests, pending settlements and unread log lines move here from ``former``. Raises
        CheckFailed with the stories of all requests that failed.
        """
        self.outcomes = [*former.outcomes, *self.outcomes]
        # The former check keeps none, so that each request is recorded once.
        former.outcomes = []
        self.context.settlement.take_over(former.context.settlement)
        self.context.known.take_over(former.context.known)
        if self.context.watch is not None and former.context.watch is not None:
            self.context.watch.take_over(former.context.watch)
        self.settle()

    def needs(self, since: Release, what: str, identity: Identity) -> None:
        """End the check as not verifiable where the release is older than ``since``.

        ``what`` is the feature that came with that release. Raises NotVerifiable.
        """
        if self.release < since:
            self.not_verifiable(f"{self.release} lacks {what}, which came with {since}", identity)

    def not_verifiable(
        self,
        reason: str,
        identity: Identity | None = None,
        *,
        operation: str = "",
        job_type: str = "",
    ) -> NoReturn:
        """End the check as not verifiable here; reports count it by name, never as passed.

        ``reason`` says what the deployment lacks, ``operation`` and ``job_type`` what it is about.
        Raises NotVerifiable.
        """
        self.overruled = CheckRecord(
            case=self.key,
            operation=operation,
            api="",
            identity=identity.name if identity is not None else "",
            job_type=job_type,
            verdict=Verdict.NOT_VERIFIABLE,
            reason=reason,
        )
        raise NotVerifiable(reason)

    def _refuse_missing(self, identity: Identity) -> None:
        """End the check as not verifiable where the identity has no token."""
        if identity.name not in self.context.prepared.tokens:
            reason = self.context.prepared.missing.get(identity.name, "no token for it")
            # Without a backend the reason is that of the site, the same for every identity.
            whose = f"{identity.name}: " if self.context.prepared.base_url else ""
            self.not_verifiable(whose + reason, identity)

    def _exchange(
        self, identity: Identity, subject: Subject, send: Send, expectation: Expectation | None
    ) -> SentRequest:
        """Send a request and keep the log that the backend writes from now on."""
        self._refuse_missing(identity)
        log = LogWindow.open(self.context.prepared.log)
        exchange = answered(identity, expectation, log, lambda: send(self.context.client))
        self.context.sent.append((exchange.at, exchange.at + exchange.seconds, self.key))
        return SentRequest(identity, subject, exchange, log)

    def outcome(
        self, asked: SentRequest, readings: Readings, *, settles: bool = False, job_id: str = ""
    ) -> Outcome:
        """Add a request that was sent to the check, with its expectations, not judged yet.

        ``settles`` says that stored job and effects are judged, too, once they are settled;
        ``job_id`` is then the job that the request names, "" without one.
        """
        exchange, owned = asked.exchange, self.context.prepared.owned
        observation = Observation(
            status=exchange.status,
            message=exchange.message,
            document=exchange.json,
            correlation=exchange.correlation or "",
            # Of a backend of ours, the clock is that of this machine.
            span=(exchange.at, exchange.at + exchange.seconds) if owned else None,
            findings=tuple(
                form_differences(
                    exchange,
                    self.context.planted,
                    self.release,
                    owned=owned,
                    own_actions=self.context.site.marked,
                )
            ),
        )
        at_once = self.settle if self.at_once else None
        outcome = Outcome(
            context=self.context,
            key=self.key,
            sent=asked,
            readings=readings,
            observation=observation,
            settles=settles,
            job_id_asked=job_id,
            at_once=at_once,
        )
        self.outcomes.append(outcome)
        return outcome

    def _behaving(
        self, correlation: str, behaviours: Sequence[Behaviour], send: Callable[[], Exchange]
    ) -> Exchange:
        """Send a request while the sinks treat its effects by these behaviours."""
        # A behaviour names the correlation, so that the sinks treat other requests as usual.
        with ExitStack() as stack:
            for behaviour in behaviours:
                assert self.context.watch is not None
                stack.enter_context(self.context.watch.sinks.behaving(correlation, behaviour))
            return send()
