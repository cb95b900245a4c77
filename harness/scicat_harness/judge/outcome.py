"""Outcomes: what came of a request, held against the oracle, the ledger, or a hand-written pin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

__all__ = ["Outcome", "SentRequest", "Subject"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request was about, for tables and records."""

    operation: str
    api: Api
    job_type: str


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request that was sent, and the log that the backend wrote meanwhile."""

    identity: Identity
    subject: Subject
    exchange: Exchange
    log: LogWindow


@dataclass(slots=True)
class Outcome:
    """What came of a request, and what was expected.

    ``settles`` says that what it left is to be looked at. ``at_once`` then does so when it is
    judged, and not with a batch; ``key`` names its check.
    """

    context: CheckContext
    key: str
    asked: SentRequest
    readings: Readings
    observation: Observation
    settles: bool = False
    at_once: Callable[[], None] | None = None
    expected: Expected = field(init=False)
    judgement: Judgement | None = field(default=None, init=False)
    """None until it is judged."""
    pending: bool = field(default=False, init=False)
    """Whether it is to be judged once more, by what it left."""

    def __post_init__(self) -> None:
        self.expected = self.readings.expected()

    @property
    def exchange(self) -> Exchange:
        """The request and its reply."""
        return self.asked.exchange

    @property
    def job_id(self) -> str:
        """The id of the job that the reply shows; "" when it shows none."""
        document = self.exchange.json
        return str(document.get("id", "")) if isinstance(document, dict) else ""

    @property
    def job(self) -> dict[str, str]:
        """The job that the reply shows, by its id and type."""
        return {"id": self.job_id, "type": self.asked.subject.job_type}

    @property
    def expected_job(self) -> StoredJob | None:
        """The owners of the job that is expected of a create."""
        stored = self.expected.against.stored
        return stored.owners if stored is not None else None

    @property
    def creator(self) -> str:
        """Who created the job that is expected of a create."""
        job = self.expected_job
        return job.created_by if job is not None else ""

    @property
    def allowed(self) -> bool:
        """Whether the backend did what was asked."""
        return 200 <= self.exchange.status < 300

    def must_be_as_specified(self) -> None:
        """Judge it by the oracle and the ledger; raises CheckFailed with the whole story."""
        judgement = judge(
            self.expected, self.observation, self.context.ledger, self.context.release
        )
        self._conclude(judgement)
        self._settle()

    def must_be(self, pinned: Pinned | None) -> None:
        """Judge it by a hand-written outcome, which the oracle must share; None: by it alone."""
        if pinned is not None and self.context.release in pinned.releases:
            found = pin_differences(
                pinned, self.context.release, self.expected.against, self.observation
            )
            self._fail_for(found)
        self.must_be_as_specified()

    def must_deviate(self, entry: str) -> None:
        """Judge a hand-written expectation by the ledger entry that it shows.

        On the releases of the entry what is known must happen, and what is promised must not; on
        all others, and under --expect documented, what is promised must happen.
        """
        if self.context.release in self.context.ledger.entry(entry).releases:
            self.expected = self.readings.expected(entry)
        else:
            self.expected = Expected(self.readings.documented)
        self.must_be_as_specified()

    def must_imply(self, laxer: Outcome) -> None:
        """What was allowed here must have been allowed there; the oracle has no say in it."""
        found = []
        if self.allowed and not laxer.allowed:
            there = f"allowed by {laxer.asked.subject.job_type}"
            found.append(Difference("laxer", there, laxer.exchange.summary()))
        self._fail_for(found)
        against = self.expected.against
        self.judgement = Judgement(Verdict.PASSED, against.deciding, against.rules)

    def record(self) -> RequestRecord:
        """What is known of it by now."""
        subject, against = self.asked.subject, self.expected.against
        judged = self.judgement
        return RequestRecord(
            operation=subject.operation,
            api=subject.api,
            identity=self.asked.identity.name,
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
        """Whether effects other than the stored job can be seen of it."""
        return self.context.watch is not None and self.settles

    @property
    def decision(self) -> str:
        """The outcome class of the reply, whatever it shows."""
        return reply_decision(self.expected.against, self.observation)

    def _recorded_differences(self) -> Iterator[dict[str, object]]:
        found = self.judgement.differences if self.judgement is not None else ()
        yield from (each.to_json() for each in found)

    def _left(self) -> tuple[dict[str, object], ...] | None:
        stored, reply = self.observation.stored, self.exchange.json
        if stored is None:
            return None
        shown = reply.get("id") if isinstance(reply, dict) else None
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
        """Hand what it left to the settlement of the batch."""
        if not self.settles:
            return
        self.pending = True
        effects = self.expected.against.effects
        token = self.exchange.correlation or ""
        self.context.settlement.add(Pending(self.key, token, self._judge_left, effects))
        # Where the backend is expected to end, nobody is left to be asked until it starts again.
        if self.at_once is not None and not self.expected.against.dies:
            self.at_once()

    def _judge_left(self, left: SettledRequest) -> Story | None:
        """Judge it again by what it left; the story where it failed."""
        self.pending = False
        arrivals = left.arrivals
        self.observation = replace(
            self.observation,
            stored=tuple(left.documents),
            effects=None if arrivals is None else tuple(seen_effects(arrivals)),
            values=left.values,
        )
        judgement = judge(
            self.expected, self.observation, self.context.ledger, self.context.release
        )
        self.judgement = judgement
        if judgement.verdict is not Verdict.FAILED:
            return None
        return self._story(judgement, left.sight())

    def _story(self, judgement: Judgement, sight: Sight = NOTHING_SEEN) -> Story:
        asked, against = self.asked, self.expected.against
        found = judgement.differences
        return story_of(asked.identity, asked.exchange, against, found, asked.log, sight)
