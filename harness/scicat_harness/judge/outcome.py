"""Outcomes: a request and its reply, judged by the oracle, the ledger or a hand-written pin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.channels import seen_effects
from scicat_harness.judge.context import CheckContext
from scicat_harness.judge.expecting import Readings
from scicat_harness.judge.failure import (
    NOTHING_SEEN,
    CheckFailed,
    LogWindow,
    Sight,
    Story,
    story_of,
)
from scicat_harness.judge.judging import Expected, judge, observed_decision, reply_decision
from scicat_harness.judge.names import Names
from scicat_harness.judge.pinned import Pinned, pin_differences
from scicat_harness.judge.record import RequestRecord, left_by
from scicat_harness.judge.settle import Pending, SettledRequest
from scicat_harness.model.difference import Difference
from scicat_harness.model.identity import Identity
from scicat_harness.model.judgement import Judgement
from scicat_harness.model.observation import Observation
from scicat_harness.model.outcome import StoredJob, Verdict
from scicat_harness.model.request import Api
from scicat_harness.sinks.arrival import Arrival, strings_in

__all__ = ["Outcome", "SentRequest", "Subject"]


@dataclass(frozen=True, slots=True)
class Subject:
    """Operation, API version and job type of a request, for tables and records.

    ``job`` names whose job is read, listed or deleted, such as ``user1-alone``; "" for no such job.
    """

    operation: str
    api: Api
    job_type: str
    job: str = ""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request that was sent, its reply, and the log that the backend wrote since."""

    identity: Identity
    subject: Subject
    exchange: Exchange
    log: LogWindow


@dataclass(slots=True)
class Outcome:
    """A request with its expectation, its observation and, once judged, its judgement.

    ``settles`` says that stored job and effects are judged, too: with the batch, or immediately by
    ``at_once``, if given. ``job_id_asked`` is the job that the request names, "" without one.
    ``key`` names the check. A request that settles is judged twice: by its
    reply at once, and again by everything it left.
    """

    context: CheckContext
    key: str
    sent: SentRequest
    readings: Readings
    observation: Observation
    settles: bool = False
    job_id_asked: str = ""
    at_once: Callable[[], None] | None = None
    expected: Expected = field(init=False)
    judgement: Judgement | None = field(default=None, init=False)
    """None until it is judged."""
    pending: bool = field(default=False, init=False)
    """True while stored job and effects are still to be settled."""

    def __post_init__(self) -> None:
        self.expected = self.readings.expected()

    @property
    def exchange(self) -> Exchange:
        """The request and its reply."""
        return self.sent.exchange

    @property
    def job_id(self) -> str:
        """The id of the job in the reply, else of the only job that is stored with it; "" if none.

        An action that fails after the job is stored makes the reply an error without an id.
        """
        document = self.exchange.json
        shown = str(document.get("id", "")) if isinstance(document, dict) else ""
        stored = self.observation.stored or ()
        return shown or (str(stored[0].get("id", "")) if len(stored) == 1 else "")

    @property
    def job(self) -> dict[str, str]:
        """Id and type of the job in the reply, as ``LiteralRequests`` takes them."""
        return {"id": self.job_id, "type": self.sent.subject.job_type}

    @property
    def expected_job(self) -> StoredJob | None:
        """The expected owners of the job that a create stores; None where none is expected."""
        stored = self.expected.against.stored
        return stored.owners if stored is not None else None

    @property
    def creator(self) -> str:
        """The expected ``createdBy`` of the job that a create stores; "" where none is."""
        job = self.expected_job
        return job.created_by if job is not None else ""

    @property
    def allowed(self) -> bool:
        """True if the reply is one of success."""
        return 200 <= self.exchange.status < 300

    def must_be_as_specified(self) -> None:
        """Judge the request by the oracle and the ledger.

        A request that settles is handed to the settlement of the batch, which judges it again.
        Raises CheckFailed with the whole story.
        """
        judgement = judge(
            self.expected, self.observation, self.context.ledger, self.context.release
        )
        self._conclude(judgement)
        self._settle()

    def must_be(self, pinned: Pinned | None) -> None:
        """Judge the request by a hand-written outcome, which the oracle must share.

        None, or a release that the pin was not written for: by the oracle alone. Raises
        CheckFailed.
        """
        # The pin first, so that a wrong oracle is reported as one.
        if pinned is not None and self.context.release in pinned.releases:
            found = pin_differences(
                pinned, self.context.release, self.expected.against, self.observation
            )
            self._fail_for(found)
        self.must_be_as_specified()

    def must_deviate(self, entry: str) -> None:
        """Judge the request as one that shows a known deviation, by the id of its ledger entry.

        On the releases of the entry the observed expectation must be met and the documented one
        must not; on all others, and under --expect documented, the documented one must be met.
        Raises CheckFailed, and UsageFault for an id that the ledger does not have.
        """
        if self.context.release in self.context.ledger.entry(entry).releases:
            self.expected = self.readings.expected(entry)
        else:
            self.expected = Expected(self.readings.documented)
        self.must_be_as_specified()

    def must_imply(self, laxer: Outcome) -> None:
        """Judge that a request allowed here was allowed under a laxer auth value, too.

        This needs no oracle (specification: authorization.checks), except where the laxer one is
        known to deviate from the documentation. Raises CheckFailed.
        """
        found = []
        if self.allowed and not laxer.allowed:
            context = self.context
            known = judge(laxer.expected, laxer.observation, context.ledger, context.release)
            if known.verdict is Verdict.DEVIATING:
                self._conclude(known)
                return
            there = f"allowed by {laxer.sent.subject.job_type}"
            found.append(Difference("laxer", there, laxer.exchange.summary()))
        self._fail_for(found)
        against = self.expected.against
        self.judgement = Judgement(Verdict.PASSED, against.deciding, against.rules)

    def record(self) -> RequestRecord:
        """Return the record of the request as judged so far."""
        subject, against = self.sent.subject, self.expected.against
        judged = self.judgement
        return RequestRecord(
            operation=subject.operation,
            api=subject.api,
            identity=self.sent.identity.name,
            job_type=subject.job_type,
            status=self.exchange.status,
            observed=observed_decision(against, self.observation),
            rule=against.deciding,
            effects=self._left(),
            watched=self.watched,
            verdict=judged.verdict if judged is not None else "",
            rules=judged.rules if judged is not None else (),
            ledger=judged.deviation if judged is not None else "",
            differences=tuple(self._recorded_differences()),
            correlation=self.exchange.correlation or "",
        )

    @property
    def watched(self) -> bool:
        """True if effects of the request, other than the stored job, can be seen."""
        return self.context.watch is not None and self.settles

    @property
    def decision(self) -> str:
        """The outcome class of the reply, whether or not a list shows the job."""
        return reply_decision(self.expected.against, self.observation)

    def _recorded_differences(self) -> Iterator[dict[str, object]]:
        found = self.judgement.differences if self.judgement is not None else ()
        yield from (each.to_json() for each in found)

    def _left(self) -> tuple[dict[str, object], ...] | None:
        stored, reply = self.observation.stored, self.exchange.json
        if stored is None:
            return None
        shown = reply.get("id") if isinstance(reply, dict) else None
        # The stored id first: a reply may name another one, or be an error of an action.
        job_id = next((str(each.get("id")) for each in stored), shown)
        names = Names(self.context.prepared.run, self.exchange.correlation or "", str(job_id or ""))
        wanted = self.expected.against.stored
        left = left_by(self.observation, names, wanted.owners if wanted is not None else None)
        return tuple(dict(each) for each in left or ())

    def _fail_for(self, differences: list[Difference]) -> None:
        if differences:
            against = self.expected.against
            self._conclude(
                Judgement(Verdict.FAILED, against.deciding, against.rules, "", tuple(differences))
            )

    def _conclude(self, judgement: Judgement) -> None:
        self.judgement = judgement
        if judgement.verdict is Verdict.FAILED:
            raise CheckFailed(self._story(judgement))

    def _settle(self) -> None:
        """Add the request to the settlement of the batch."""
        if not self.settles:
            return
        self.pending = True
        effects = self.expected.against.effects
        token = self.exchange.correlation or ""
        self.context.settlement.add(
            Pending(self.key, token, self._judge_left, effects, self.job_id_asked)
        )
        # A backend that is expected to end cannot be queried until another one runs on its data
        # (``Check.take_over``).
        if self.at_once is not None and not self.expected.against.dies:
            self.at_once()

    def _judge_left(self, left: SettledRequest) -> Story | None:
        """Judge the request again with stored job and effects; return the story of a failure."""
        self.pending = False
        arrivals = left.arrivals
        self.observation = replace(
            self.observation,
            stored=tuple(left.documents),
            job=left.job,
            effects=None if arrivals is None else tuple(seen_effects(arrivals)),
            values=left.values,
            findings=(*self.observation.findings, *self._leaks(arrivals or ())),
        )
        judgement = judge(
            self.expected, self.observation, self.context.ledger, self.context.release
        )
        self.judgement = judgement
        # Later requests find the jobs as this one left them, also where that is a difference.
        for each in left.documents:
            self.context.known.note(each)
        if judgement.verdict is not Verdict.FAILED:
            return None
        if left.job is not None:
            self.context.known.note(left.job)
        return self._story(judgement, left.sight())

    def _leaks(self, arrivals: Sequence[Arrival]) -> Iterator[Difference]:
        """Yield the secrets of the run that its effects contain."""
        for arrival in arrivals:
            for name in self.context.planted.found_in("\n".join(strings_in(arrival.content))):
                yield Difference(f"effects.{arrival.channel}.leak", None, name)

    def _story(self, judgement: Judgement, sight: Sight = NOTHING_SEEN) -> Story:
        asked, against = self.sent, self.expected.against
        found = judgement.differences
        return story_of(asked.identity, asked.exchange, against, found, asked.log, sight)
