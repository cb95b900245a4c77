"""Outcomes: what came of a request, judged by the oracle, the ledger, or a hand-written pin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.compare import observed_decision, reply_mismatches
from scicat_harness.judge.desk import Expected
from scicat_harness.judge.failure import NOTHING_SEEN, LogWindow, Sight, failure_text
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.settle import Claim, Finding, Promise
from scicat_harness.judge.sighting import Left, Names, Sighting, comparable
from scicat_harness.model.identity import Identity
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.model.release import REWRITTEN_CREATE, Release, ReleaseRange
from scicat_harness.model.request import Api
from scicat_harness.oracle.predict import Prediction
from scicat_harness.oracle.rule import Reading
from scicat_harness.secrets import redact

if TYPE_CHECKING:
    from scicat_harness.judge.trial import Trial

__all__ = ["CheckFailed", "Outcome", "Pinned", "Subject"]


class CheckFailed(AssertionError):
    """The backend does otherwise than specified; the text is the whole story."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A hand-written outcome that pins backend and oracle alike.

    ``before`` is the status before v5.2.0 where it was another one. Owner fields are compared
    when the status says that a job was created; None means the field is absent.
    """

    status: int
    before: int | None = None
    owner_user: str | None = None
    owner_group: str | None = None
    contact_email: str | None = None
    effects: tuple[str, ...] | None = None
    """The channels of the effects, in order; None where they are not what is pinned."""
    written: bool | None = None
    """Whether a job is stored or changed; None where the status tells."""
    releases: ReleaseRange = ReleaseRange()
    """The releases it was written for; others are judged by the oracle alone."""

    def status_in(self, release: Release, rewritten: Release) -> int:
        """The status of a release."""
        return self.before if self.before is not None and release < rewritten else self.status


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request was about, for tables and records."""

    operation: str
    api: Api
    job_type: str


@dataclass(slots=True)
class Outcome:
    """What came of a request, and what was expected."""

    trial: Trial
    identity: Identity
    expected: Expected
    exchange: Exchange
    log: LogWindow
    subject: Subject
    claim: Callable[[Exchange], Claim] | None = None
    examine: Callable[[Prediction, Exchange], list[str]] | None = None
    shown: Callable[[Exchange], bool | None] | None = None
    """Whether the reply of a list shows the job it is about; None where it cannot tell."""
    shows: str = ""
    """The ledger entry that a hand-written check is made for."""
    left: tuple[Mapping[str, Any], ...] | None = field(default=None, init=False)
    """What the request left, once that is settled (scicat_harness.judge.sighting)."""

    def __post_init__(self) -> None:
        self.trial.asked.append(self)

    def must_be_as_specified(self) -> None:
        """Judge it by the oracle and the ledger; raises CheckFailed with the whole story."""
        expected = self.expected
        problems = self._problems(expected.against)
        verdict, ledger = Verdict.PASSED, ""
        if problems or self._shows_nothing():
            verdict = Verdict.FAILED
            if self._mended():
                problems.append(
                    "this is what the documentation promises: a known deviation no longer "
                    f"happens{self._entry_hint()}"
                )
        elif self._deviates():
            entry = self._entry()
            if entry is None:
                verdict = Verdict.FAILED
                problems = [
                    "as this release is known to do, but the documentation promises "
                    f"{expected.documented.decision} by {expected.documented.sentence}, and the "
                    "ledger of known deviations has no entry for it"
                ]
            else:
                verdict, ledger = Verdict.DEVIATING, entry
        self._note(verdict, ledger, problems)
        if problems:
            raise CheckFailed(self._story(problems))
        self._promise()

    def must_be(self, pinned: Pinned | None) -> None:
        """Judge it by a hand-written outcome, which the oracle must share; None: by it alone."""
        if pinned is None:
            self.must_be_as_specified()
            return
        release = self.trial.desk.release
        if release not in pinned.releases:
            self.must_be_as_specified()
            return
        against = self.expected.against
        status = pinned.status_in(release, REWRITTEN_CREATE)
        problems = []
        if self.exchange.status != status:
            problems.append(f"status {self.exchange.status} instead of the pinned {status}")
        if against.reply.status != status:
            problems.append(f"the oracle says {against.reply.status}, pinned is {status}")
        if against.job is not None and self.allowed:
            problems += _pin_problems(pinned, self.exchange)
        problems += self._effect_pin_problems(pinned)
        if problems:
            self._note(Verdict.FAILED, "", problems)
            raise CheckFailed(self._story(problems))
        self.must_be_as_specified()

    def must_deviate(self, entry: str) -> None:
        """Judge what was told by hand by the ledger entry it shows.

        On the releases of the entry what is known must happen, and what is promised must not; on
        all others, and under --expect documented, what is promised must happen.
        """
        desk, expected = self.trial.desk, self.expected
        if desk.release in desk.ledger.entry(entry).releases:
            self.shows = entry
        else:
            self.expected = replace(expected, observed=expected.documented)
        self.must_be_as_specified()

    def _effect_pin_problems(self, pinned: Pinned) -> list[str]:
        """The oracle must share what is pinned of effects; what was seen is held to the oracle."""
        against = self.expected.against
        problems = []
        channels = tuple(str(each.channel) for each in against.effects)
        if pinned.effects is not None and channels != pinned.effects:
            problems.append(f"the oracle expects the effects {channels}, pinned {pinned.effects}")
        if pinned.written is not None and against.written is not pinned.written:
            problems.append(f"the oracle says written={against.written}, pinned {pinned.written}")
        return problems

    @property
    def job_id(self) -> str:
        """The id of the job that the reply shows; "" when it shows none."""
        document = self.exchange.json
        return str(document.get("id", "")) if isinstance(document, dict) else ""

    @property
    def creator(self) -> str:
        """Who created the job that is expected of a create."""
        job = self.expected.against.job
        return job.created_by if job is not None else ""

    @property
    def allowed(self) -> bool:
        """Whether the backend did what was asked."""
        return 200 <= self.exchange.status < 300

    def must_imply(self, laxer: Outcome) -> None:
        """What was allowed here must have been allowed there; the oracle has no say in it."""
        problems = []
        if self.allowed and not laxer.allowed:
            problems.append(
                f"allowed for type {self.subject.job_type}, and yet the laxer "
                f"{laxer.subject.job_type} answered {laxer.exchange.summary()}"
            )
        self._note(Verdict.FAILED if problems else Verdict.PASSED, "", problems)
        if problems:
            raise CheckFailed(self._story(problems))

    def _problems(self, prediction: Prediction) -> list[str]:
        problems = reply_mismatches(prediction, self.exchange)
        if not problems and self.examine is not None:
            problems = self.examine(prediction, self.exchange)
        return problems

    def _deviates(self) -> bool:
        expected = self.expected
        if expected.reading is not Reading.OBSERVED:
            return False
        return bool(self.shows) or not expected.observed.same_promise(expected.documented)

    def _mended(self) -> bool:
        return self._deviates() and not self._problems(self.expected.documented)

    def _shows_nothing(self) -> bool:
        """Whether a hand-written check of a deviation met what is promised."""
        return bool(self.shows) and self._mended()

    def _entry(self) -> str | None:
        if self.shows:
            return self.shows
        desk = self.trial.desk
        found = desk.ledger.explaining(
            self.expected.observed, self.expected.documented, desk.release
        )
        return found.id if found is not None else None

    def _entry_hint(self) -> str:
        entry = self._entry()
        return f"; ledger entry {entry} must be closed for this release" if entry else ""

    def _note(self, verdict: Verdict, ledger: str, problems: list[str]) -> None:
        against = self.expected.against
        self.trial.record = CheckRecord(
            case=self.trial.key,
            operation=self.subject.operation,
            api=self.subject.api,
            identity=self.identity.name,
            job_type=self.subject.job_type,
            verdict=verdict,
            expected=against.decision,
            observed=observed_decision(self.exchange, against),
            status=self.exchange.status,
            rules=against.rules,
            deciding=against.deciding,
            ledger=ledger,
            reason=redact("; ".join(problems)),
            correlation=self.exchange.correlation or "",
            effects=tuple(str(each.channel) for each in against.effects),
            watched=self._watched,
            seen=self.trial.seen(),
        )

    @property
    def _watched(self) -> bool:
        return self.trial.desk.watch is not None and self.claim is not None

    def sighting(self) -> Sighting:
        """What was observed, as far as it is known by now."""
        against = self.expected.against
        observed = observed_decision(self.exchange, against)
        shown = self.shown(self.exchange) if self.shown is not None and self.allowed else None
        if shown is not None:
            observed = Decision.ALLOW if shown else Decision.DENY
        return Sighting(
            operation=self.subject.operation,
            api=self.subject.api,
            identity=self.identity.name,
            job_type=self.subject.job_type,
            status=self.exchange.status,
            observed=observed,
            rule=against.deciding,
            effects=self.left,
            watched=self._watched,
        )

    def _settled(self, left: Left) -> None:
        """Note what the request left, in the record of the check, too."""
        document = self.exchange.json if isinstance(self.exchange.json, dict) else {}
        job_id = next((str(each.get("id")) for each in left.documents), document.get("id"))
        run = self.trial.desk.stage.run
        names = Names(run, self.exchange.correlation or "", str(job_id or ""))
        self.left = comparable(left, names, self.expected.against.job)
        if self.trial.record is not None:
            self.trial.record = replace(self.trial.record, seen=self.trial.seen())

    def _promise(self) -> None:
        """Hand what must be stored to the settlement of the batch."""
        if self.claim is None:
            return
        effects = self.expected.against.effects
        promise = Promise(self.trial.key, self.claim(self.exchange), effects, self._settled)
        self.trial.desk.settlement.promise(promise)
        self.trial.outcomes.append(self)
        if self.expected.against.dies:
            return  # nobody is left to be asked, until it is started again
        if self.trial.at_once:
            self.trial.settle()

    def unsettled(self, findings: Sequence[Finding]) -> str:
        """The story of a check whose stored state or effects turned out wrong."""
        texts = [each.text for each in findings]
        if self.trial.record is not None:
            self.trial.record = replace(
                self.trial.record, verdict=Verdict.FAILED, reason=redact("; ".join(texts))
            )
        first = findings[0]
        return self._story(texts, Sight(first.timeline, first.received))

    def _story(self, problems: list[str], sight: Sight = NOTHING_SEEN) -> str:
        against = self.expected.against
        return failure_text(self.identity, self.exchange, against, problems, self.log, sight)


def _pin_problems(pinned: Pinned, exchange: Exchange) -> list[str]:
    document = exchange.json if isinstance(exchange.json, dict) else {}
    wanted = {
        "ownerUser": pinned.owner_user,
        "ownerGroup": pinned.owner_group,
        "contactEmail": pinned.contact_email,
    }
    if "statusCode" not in document:  # a v3 document shows no owners
        wanted = {"emailJobInitiator": pinned.contact_email}
        # Before v4.26.0 what is empty is shown, since then it is left out.
        document = {key: value or None for key, value in document.items()}
    return [
        f"{key} is {document.get(key)!r} instead of the pinned {value!r}"
        for key, value in wanted.items()
        if document.get(key) != value
    ]
