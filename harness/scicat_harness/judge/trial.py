"""Trials: one check, from the request of an identity to the judgement of what came of it.

outcome = trial.submit(identity, request)
outcome.must_be_as_specified()
outcome.must_be(Pinned(201, owner_user="user1"))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.answering import answered
from scicat_harness.judge.claims import create_claim, existence_problems, update_claim
from scicat_harness.judge.compare import document_problems, identity_problems
from scicat_harness.judge.desk import Desk, Expected
from scicat_harness.judge.failure import LogWindow
from scicat_harness.judge.outcome import CheckFailed, Outcome, Pinned, Subject
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.settle import Claim, Finding, Untouched
from scicat_harness.judge.told import Told
from scicat_harness.judge.views import ListView
from scicat_harness.model.identity import Identity
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.model.release import Release
from scicat_harness.model.request import (
    Api,
    CreateRequest,
    JobOwnership,
    Operation,
    UpdateRequest,
)
from scicat_harness.oracle.predict import Oracle, Prediction
from scicat_harness.sinks.behaviour import Behaviour

__all__ = [
    "CheckFailed",
    "ListView",
    "NotVerifiable",
    "Outcome",
    "Pinned",
    "Subject",
    "Told",
    "Trial",
]

_NOBODYS = JobOwnership("nobodys")
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


class NotVerifiable(Exception):
    """This deployment cannot show what the check needs; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who is about to ask for what, and what is expected of it."""

    identity: Identity
    expected: Expected
    subject: Subject


@dataclass(slots=True)
class Trial:
    """Makes requests for one check; ``key`` names it. The record is there after the judgement.

    ``at_once`` settles every outcome when it is judged instead of with a batch.
    """

    desk: Desk
    key: str
    at_once: bool = False
    record: CheckRecord | None = field(default=None, init=False)
    outcomes: list[Outcome] = field(default_factory=list, init=False)
    """Those whose stored state and effects are still to be settled."""
    asked: list[Outcome] = field(default_factory=list, init=False)
    """All of them, in the order of their requests."""
    behaviours: Sequence[Behaviour] = field(default=(), init=False)
    oracle_of: Callable[[Oracle], Oracle] = field(default=lambda oracle: oracle, init=False)
    """Who predicts in the place of an oracle: one that knows what texts come to here."""

    def send(
        self,
        identity: Identity,
        request: CreateRequest | UpdateRequest,
        behaviours: Sequence[Behaviour] = (),
    ) -> Outcome:
        """POST or PATCH a job; the sinks behave so towards what this request causes."""
        self.behaviours = behaviours
        if isinstance(request, CreateRequest):
            return self.submit(identity, request)
        return self.update(identity, request)

    def submit(self, identity: Identity, request: CreateRequest) -> Outcome:
        """POST a job as an identity."""
        self._refuse_withheld(identity, request.job_type)
        expected = self._expect(identity, lambda oracle: oracle.create(identity, request))
        correlation = self.desk.correlation()
        marks, pids = self.desk.marks(correlation), self.desk.stage.pids
        return self._send(
            _Asked(identity, expected, Subject("create", request.api, request.job_type)),
            lambda client: self._behaving(
                correlation, lambda: client.submit(identity, request, pids, marks)
            ),
            claim=lambda reply: create_claim(self.desk, expected.against, request, reply),
            examine=lambda prediction, reply: document_problems(prediction, reply, request.api),
        )

    def update(
        self, identity: Identity, request: UpdateRequest, of: Outcome | None = None
    ) -> Outcome:
        """PATCH the job that a create led to, or else one of that type and ownership."""
        self._refuse_withheld(identity, request.job_type)
        expected = self._expect(identity, lambda oracle: oracle.update(identity, request))
        written = expected.against.written
        job_id = (
            of.job_id
            if of is not None
            else self.desk.job_for(request, UNKNOWN_ID, exclusive=written)
        )
        correlation = self.desk.correlation()
        claim: Claim = Untouched(correlation)
        if written:
            creator = of.creator if of is not None else self.desk.janitor.name
            unchanged = {**self.desk.made_job_fields(request), "createdBy": creator}
            claim = update_claim(identity, request, job_id, correlation, unchanged)
        return self._send(
            _Asked(identity, expected, Subject("update", request.api, request.job_type)),
            lambda client: self._behaving(
                correlation, lambda: client.update(identity, job_id, request, correlation)
            ),
            claim=lambda _: claim,
        )

    def read(
        self, identity: Identity, job_type: str, job: JobOwnership | None, api: Api
    ) -> Outcome:
        """GET one of the probe jobs, or an id that no job has."""
        expected = self._expect(identity, lambda oracle: oracle.read(identity, job_type, job))
        job_id = self.desk.stage.probes[job.name] if job is not None else UNKNOWN_ID
        return self._send(
            _Asked(identity, expected, Subject("read", api, job_type)),
            lambda client: client.read(identity, job_id, api),
            examine=lambda prediction, reply: identity_problems(prediction, reply, job_id),
        )

    def delete(
        self, identity: Identity, job_type: str, job: JobOwnership | None, api: Api
    ) -> Outcome:
        """DELETE a job of that ownership, or an id that no job has."""
        expected = self._expect(identity, lambda oracle: oracle.delete(identity, job_type, job))
        job_id = UNKNOWN_ID
        allowed = expected.against.decision is Decision.ALLOW
        if job is not None:
            pool = self.desk.pool
            job_id = pool.make(job_type, job) if allowed else pool.shared(job_type, job)
        return self._send(
            _Asked(identity, expected, Subject("delete", api, job_type)),
            lambda client: client.delete(identity, job_id, api),
            examine=lambda prediction, _: existence_problems(self.desk, prediction, job, job_id),
        )

    def ask(
        self,
        identity: Identity,
        subject: Subject,
        predict: Callable[[Oracle], Prediction],
        send: Callable[[SciCat], Exchange],
        problems: Callable[[Any], list[str]],
    ) -> Outcome:
        """Send anything; the oracle predicts it, ``problems`` looks at the parsed reply."""
        return self._send(
            _Asked(identity, self._expect(identity, predict), subject),
            send,
            examine=lambda _, reply: problems(reply.json),
        )

    def tell(
        self,
        identity: Identity,
        subject: Subject,
        send: Callable[[SciCat], Exchange],
        told: Told,
        promised: Told | None = None,
    ) -> Outcome:
        """Send anything; told by hand what comes of it, and what is promised where that differs."""
        observed, documented = told.prediction(), (promised or told).prediction()
        expected = self._expect(identity, lambda _: observed)
        expected = replace(expected, documented=documented)

        def examine(prediction: Prediction, reply: Exchange) -> list[str]:
            by = told if prediction is observed else promised or told
            return by.shows(reply.json)

        return self._send(_Asked(identity, expected, subject), send, examine=examine)

    def query(
        self,
        identity: Identity,
        path: str,
        params: Mapping[str, Any],
        problems: Callable[[Any], list[str]],
    ) -> Outcome:
        """GET a list endpoint below /api as somebody who sees every job; judged by ``problems``."""
        return self.ask(
            identity,
            Subject("list", Api(path[:2]), ""),
            lambda oracle: oracle.listed(identity, "", _NOBODYS),
            lambda client: client.query(identity, path, params),
            problems,
        )

    def knock(
        self, identity: Identity, operation: Operation, predict: Callable[[Oracle], Prediction]
    ) -> Outcome:
        """Use an endpoint with an id that no job has, or list; only the reply is judged."""
        mark = self.desk.correlation()
        nothing = UpdateRequest("", None)
        sends: dict[Operation, Callable[[SciCat], Exchange]] = {
            Operation.UPDATE: lambda client: client.update(identity, UNKNOWN_ID, nothing, mark),
            Operation.DELETE: lambda client: client.delete(identity, UNKNOWN_ID),
            Operation.READ: lambda client: client.read(identity, UNKNOWN_ID),
            Operation.LIST: lambda client: client.query(identity, "v4/jobs"),
        }
        subject = Subject(f"{operation} endpoint", Api.V4, "")
        return self._send(
            _Asked(identity, self._expect(identity, predict), subject), sends[operation]
        )

    def browse(
        self, identity: Identity, job_type: str, job: JobOwnership, view: ListView
    ) -> Outcome:
        """Look for a probe job in a list; each identity asks for each list once per worker."""
        if view.since is not None:
            self.needs(view.since, f"GET /api/{view.path}", identity)
        expected = self._expect(identity, lambda oracle: oracle.listed(identity, job_type, job))
        job_id = self.desk.stage.probes[job.name]
        return self._send(
            _Asked(identity, expected, Subject("list", view.api, job_type)),
            lambda _: self.desk.listing(identity, view.name, view.path, view.params),
            examine=lambda prediction, reply: view.problems(prediction, reply, job, job_id),
            shown=lambda reply: view.finds(reply.json, job, job_id),
        )

    def _send(
        self,
        asked: _Asked,
        send: Callable[[SciCat], Exchange],
        *,
        claim: Callable[[Exchange], Claim] | None = None,
        examine: Callable[[Prediction, Exchange], list[str]] | None = None,
        shown: Callable[[Exchange], bool | None] | None = None,
    ) -> Outcome:
        log = LogWindow.open(self.desk.stage.log)
        exchange = answered(
            asked.identity, asked.expected.against, log, lambda: send(self.desk.client)
        )
        about = (self, asked.identity, asked.expected, exchange, log, asked.subject)
        return Outcome(*about, claim, examine, shown)

    def seen(self) -> tuple[Mapping[str, Any], ...]:
        """What was observed of every request so far, as plain data."""
        return tuple(outcome.sighting().to_json() for outcome in self.asked)

    def _behaving(self, correlation: str, send: Callable[[], Exchange]) -> Exchange:
        """Send while the sinks behave as they are to towards this request."""
        with ExitStack() as stack:
            for behaviour in self.behaviours:
                assert self.desk.watch is not None
                stack.enter_context(self.desk.watch.sinks.behaving(correlation, behaviour))
            return send()

    def settle(self) -> None:
        """Settle what this desk has promised; raises CheckFailed with every story."""
        findings = self.desk.settlement.settle()
        stories = list(self.unsettled(findings))
        self.outcomes.clear()
        self.desk.pool.settled()
        if stories:
            raise CheckFailed("\n".join(stories))

    def take_over(self, former: Trial) -> None:
        """Settle what a trial on a backend that ended promised; this one has its data.

        Raises CheckFailed with every story.
        """
        self.record = former.record
        self.outcomes += former.outcomes
        self.asked = [*former.asked, *self.asked]
        for outcome in former.asked:
            outcome.trial = self
        former.outcomes, former.asked = [], []
        self.desk.settlement.take_over(former.desk.settlement)
        if self.desk.watch is not None and former.desk.watch is not None:
            self.desk.watch.take_over(former.desk.watch)
        self.settle()

    def unsettled(self, findings: Sequence[Finding]) -> Iterator[str]:
        """The stories of what the settlement found, one per request."""
        for outcome in self.outcomes:
            own = [each for each in findings if each.correlation == outcome.exchange.correlation]
            if own:
                yield outcome.unsettled(own)

    def needs(self, since: Release, what: str, identity: Identity) -> None:
        """Say that the release is too old for it; counted by name, never as passed."""
        if self.desk.release < since:
            self.not_verifiable(
                f"{self.desk.release} lacks {what}, which came with {since}", identity
            )

    def not_verifiable(self, reason: str, identity: Identity | None = None) -> NoReturn:
        """Say that this deployment cannot show it; counted by name, never as passed."""
        self.record = CheckRecord(
            case=self.key,
            operation="",
            api="",
            identity=identity.name if identity is not None else "",
            job_type="",
            verdict=Verdict.NOT_VERIFIABLE,
            reason=reason,
        )
        raise NotVerifiable(reason)

    def _refuse_withheld(self, identity: Identity, job_type: str) -> None:
        """A job type that this release does not know how to serve is not applicable to it."""
        reason = self.desk.site.withheld.get(job_type)
        if reason is not None:
            self.not_verifiable(reason, identity)

    def _expect(self, identity: Identity, predict: Callable[[Oracle], Prediction]) -> Expected:
        if identity.name not in self.desk.stage.tokens:
            reason = self.desk.stage.missing.get(identity.name, "no token for it")
            whose = f"{identity.name}: " if self.desk.stage.base_url else ""
            self.not_verifiable(whose + reason, identity)
        return self.desk.expect(lambda oracle: predict(self.oracle_of(oracle)))
