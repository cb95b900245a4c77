"""Trials: one check, from the request of an identity to the judgement of what came of it.

outcome = trial.submit(identity, request)
outcome.must_be_as_specified()
outcome.must_be(Pinned(201, owner_user="user1"))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transcript import Exchange
from scicat_harness.judge import expecting
from scicat_harness.judge.check import NotVerifiable
from scicat_harness.judge.expecting import Readings
from scicat_harness.judge.literal import LiteralRequests
from scicat_harness.judge.outcome import Outcome, Subject
from scicat_harness.judge.views import ListView
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.identity import Identity
from scicat_harness.model.outcome import Decision
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, Operation, UpdateRequest
from scicat_harness.oracle.predict import Oracle, Prediction
from scicat_harness.oracle.rule import Reading
from scicat_harness.sinks.behaviour import Behaviour

__all__ = ["ListView", "NotVerifiable", "Outcome", "Subject", "Trial"]

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"

Predict = Callable[[Oracle], Prediction]
Send = Callable[[SciCat], Exchange]


@dataclass(frozen=True, slots=True)
class _Question:
    """A request that is about to be sent, and what its predictions mean once it is answered."""

    identity: Identity
    subject: Subject
    predictions: Mapping[Reading, Prediction]
    expect: Callable[[Prediction, Exchange], Expectation] = lambda prediction, _: (
        expecting.expectation_of(prediction)
    )


@dataclass(slots=True)
class Trial(LiteralRequests):
    """Makes requests that the oracle predicts, or that are written by hand, for one check."""

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
        correlation = self.context.correlation()
        marks, pids = self.context.marks(correlation), self.context.prepared.pids
        fields = self.context.new_job_fields(request)
        listed = tuple(pids.get(alias, "") for alias in request.datasets.aliases)
        question = _Question(
            identity,
            Subject("create", request.api, request.job_type),
            self._predict(identity, lambda oracle: oracle.create(identity, request)),
            lambda prediction, reply: expecting.of_create(
                prediction, reply, request.api, fields, listed
            ),
        )
        return self._send(
            question,
            lambda client: self._behaving(
                correlation, lambda: client.submit(identity, request, pids, marks)
            ),
            settles=True,
        )

    def update(
        self, identity: Identity, request: UpdateRequest, of: Outcome | None = None
    ) -> Outcome:
        """PATCH the job that a create led to, or else one of that type and ownership."""
        self._refuse_withheld(identity, request.job_type)
        predictions = self._predict(identity, lambda oracle: oracle.update(identity, request))
        job_id = of.job_id if of is not None else self._job_for(request, predictions)
        correlation = self.context.correlation()
        creator = of.creator if of is not None else self.context.janitor.name
        unchanged: dict[str, Any] = {}
        if request.job is not None:
            unchanged = {**self.context.made_job_fields(request), "createdBy": creator}
        question = _Question(
            identity,
            Subject("update", request.api, request.job_type),
            predictions,
            lambda prediction, _: expecting.of_update(
                prediction, identity, request, job_id, correlation, unchanged
            ),
        )
        return self._send(
            question,
            lambda client: self._behaving(
                correlation, lambda: client.update(identity, job_id, request, correlation)
            ),
            settles=True,
        )

    def read(
        self, identity: Identity, job_type: str, job: JobOwnership | None, api: Api
    ) -> Outcome:
        """GET one of the probe jobs, or an id that no job has."""
        predictions = self._predict(identity, lambda oracle: oracle.read(identity, job_type, job))
        job_id = self.context.prepared.probes[job.name] if job is not None else UNKNOWN_ID
        question = _Question(
            identity,
            Subject("read", api, job_type),
            predictions,
            lambda prediction, _: expecting.of_read(prediction, job_id),
        )
        return self._send(question, lambda client: client.read(identity, job_id, api))

    def delete(
        self, identity: Identity, job_type: str, job: JobOwnership | None, api: Api
    ) -> Outcome:
        """DELETE a job of that ownership, or an id that no job has; then see whether it is gone."""
        predictions = self._predict(identity, lambda oracle: oracle.delete(identity, job_type, job))
        job_id = UNKNOWN_ID
        if job is not None:
            pool, allowed = self.context.pool, self._against(predictions).decision is Decision.ALLOW
            job_id = pool.make(job_type, job) if allowed else pool.shared(job_type, job)
        question = _Question(
            identity,
            Subject("delete", api, job_type),
            predictions,
            lambda prediction, _: expecting.of_delete(prediction, job),
        )
        outcome = self._send(question, lambda client: client.delete(identity, job_id, api))
        if job is not None and outcome.exchange.status == outcome.expected.against.status:
            exists = self.context.client.read(self.context.janitor, job_id).status == 200
            outcome.observation = replace(outcome.observation, exists=exists)
        return outcome

    def use_endpoint(self, identity: Identity, operation: Operation, predict: Predict) -> Outcome:
        """Use an endpoint with an id that no job has, or list; only the reply is judged."""
        mark = self.context.correlation()
        nothing = UpdateRequest("", None)
        sends: dict[Operation, Send] = {
            Operation.UPDATE: lambda client: client.update(identity, UNKNOWN_ID, nothing, mark),
            Operation.DELETE: lambda client: client.delete(identity, UNKNOWN_ID),
            Operation.READ: lambda client: client.read(identity, UNKNOWN_ID),
            Operation.LIST: lambda client: client.query(identity, "v4/jobs"),
        }
        subject = Subject(f"{operation} endpoint", Api.V4, "")
        question = _Question(
            identity,
            subject,
            self._predict(identity, predict),
        )
        return self._send(question, sends[operation])

    def browse(
        self, identity: Identity, job_type: str, job: JobOwnership, view: ListView
    ) -> Outcome:
        """Look for a probe job in a list; each identity asks for each list once per worker."""
        if view.since is not None:
            self.needs(view.since, f"GET /api/{view.path}", identity)
        predictions = self._predict(identity, lambda oracle: oracle.listed(identity, job_type, job))
        job_id = self.context.prepared.probes[job.name]
        question = _Question(
            identity,
            Subject("list", view.api, job_type),
            predictions,
            lambda prediction, _: expecting.of_list(prediction, view, job, job_id),
        )
        outcome = self._send(
            question, lambda _: self.context.listing(identity, view.name, view.path, view.params)
        )
        if outcome.allowed:
            visible = view.finds(outcome.exchange.json, job, job_id)
            outcome.observation = replace(outcome.observation, visible=visible)
        return outcome

    def _send(self, question: _Question, send: Send, *, settles: bool = False) -> Outcome:
        against = expecting.expectation_of(self._against(question.predictions))
        asked = self._exchange(question.identity, question.subject, send, against)
        observed, documented = (
            question.expect(question.predictions[reading], asked.exchange)
            for reading in (Reading.OBSERVED, Reading.DOCUMENTED)
        )
        readings = Readings(observed, documented, self.context.reading)
        return self.outcome(asked, readings, settles=settles)

    def _job_for(self, request: UpdateRequest, predictions: Mapping[Reading, Prediction]) -> str:
        exclusive = self._against(predictions).written
        return self.context.job_for(request, UNKNOWN_ID, exclusive=exclusive)

    def _against(self, predictions: Mapping[Reading, Prediction]) -> Prediction:
        return predictions[self.context.reading]

    def _refuse_withheld(self, identity: Identity, job_type: str) -> None:
        """A job type that this release does not know how to serve is not applicable to it."""
        reason = self.context.site.withheld.get(job_type)
        if reason is not None:
            self.not_verifiable(reason, identity)

    def _predict(self, identity: Identity, predict: Predict) -> Mapping[Reading, Prediction]:
        self._refuse_missing(identity)
        return self.context.predict(lambda oracle: predict(self.oracle_of(oracle)))
