"""Trials: checks whose requests the oracle predicts.

outcome = trial.submit(identity, request)
outcome.must_be_as_specified()
outcome.must_be(Pinned(201, owner_user="user1"))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.client.bodies import create_body, update_body
from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transcript import Exchange
from scicat_harness.judge import expecting
from scicat_harness.judge.check import NotVerifiable
from scicat_harness.judge.expecting import Readings
from scicat_harness.judge.literal import LiteralRequests
from scicat_harness.judge.outcome import Outcome, Subject
from scicat_harness.judge.stored import kept_differences
from scicat_harness.judge.views import ListView
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.identity import Identity
from scicat_harness.model.outcome import Decision
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, Operation, UpdateRequest
from scicat_harness.oracle.predict import Oracle, Prediction
from scicat_harness.oracle.replies import form_of
from scicat_harness.oracle.rule import Reading
from scicat_harness.oracle.unspecified import Unspecified
from scicat_harness.oracle.work import TooMuch
from scicat_harness.sinks.behaviour import Behaviour

__all__ = ["UNKNOWN_ID", "ListView", "NotVerifiable", "Outcome", "Subject", "Trial"]

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
"""The id of no job, in the form of one."""

Predict = Callable[[Oracle], Prediction]
Send = Callable[[SciCat], Exchange]


@dataclass(frozen=True, slots=True)
class _Predicted:
    """A request that is about to be sent, its predictions, and how to make expectations of them.

    ``expect`` takes the exchange, too: some expectations need the reply, such as the id in it.
    """

    identity: Identity
    subject: Subject
    predictions: Mapping[Reading, Prediction]
    expect: Callable[[Prediction, Exchange], Expectation] = lambda prediction, _: (
        expecting.expectation_of(prediction)
    )


@dataclass(slots=True)
class Trial(LiteralRequests):
    """A check that sends requests which the oracle predicts, or which are written by hand.

    Each method sends one request and returns its outcome, not judged yet. All raise NotVerifiable
    for an identity without a token; creates and updates also for a job type that the release does
    not support.
    """

    oracle_of: Callable[[Oracle], Oracle] = field(default=lambda oracle: oracle, init=False)
    """Returns the oracle that predicts in place of the given one, such as one that knows how the
    texts of a facility are rendered."""

    def send(
        self,
        identity: Identity,
        request: CreateRequest | UpdateRequest,
        behaviours: Sequence[Behaviour] = (),
    ) -> Outcome:
        """POST or PATCH a job; the sinks treat its effects by these behaviours."""
        if isinstance(request, CreateRequest):
            return self.submit(identity, request, behaviours)
        return self.update(identity, request, behaviours=behaviours)

    def submit(
        self, identity: Identity, request: CreateRequest, behaviours: Sequence[Behaviour] = ()
    ) -> Outcome:
        """POST a job as an identity; the sinks treat its effects by these behaviours."""
        self._refuse_withheld(identity, request.job_type)
        correlation = self.context.correlation()
        marks, pids = self.context.marks(correlation), self.context.prepared.pids
        fields = self.context.new_job_fields(request, create_body(request, pids, marks))
        predicted = _Predicted(
            identity,
            Subject("create", request.api, request.job_type),
            self._predict(identity, lambda oracle: oracle.create(identity, request)),
            lambda prediction, reply: expecting.of_create(
                prediction, reply, request.api, fields, self.release
            ),
        )
        return self._send(
            predicted,
            lambda client: self._behaving(
                correlation, behaviours, lambda: client.submit(identity, request, pids, marks)
            ),
            settles=True,
        )

    def update(
        self,
        identity: Identity,
        request: UpdateRequest,
        of: Outcome | None = None,
        behaviours: Sequence[Behaviour] = (),
    ) -> Outcome:
        """PATCH the job of an earlier create, ``of``, or else one of that type and ownership.

        The job must keep its owners, type and creator (specification: job.document).
        """
        self._refuse_withheld(identity, request.job_type)
        predictions = self._predict(identity, lambda oracle: oracle.update(identity, request))
        job_id = of.job_id if of is not None else self._job_for(request, predictions)
        correlation = self.context.correlation()
        before = self.context.known.get(job_id)
        whole = before is not None
        if self._against(predictions).written:
            # Until it is settled, so that no other request is blamed for what this one writes.
            self.context.known.forget(job_id)
        if before is None and request.job is not None:
            # The janitor has created the jobs of the pool.
            creator = of.creator if of is not None else self.context.janitor.name
            kept = self.context.made_job_fields(request)
            before = {"id": job_id, **kept, "createdBy": creator}
        predicted = _Predicted(
            identity,
            Subject("update", request.api, request.job_type),
            predictions,
            lambda prediction, _: expecting.of_update(
                prediction,
                identity,
                request,
                update_body(request, correlation),
                before or {},
                whole=whole,
                release=self.release,
            ),
        )
        return self._send(
            predicted,
            lambda client: self._behaving(
                correlation,
                behaviours,
                lambda: client.update(identity, job_id, request, correlation),
            ),
            settles=True,
            job_id=job_id,
        )

    def read(
        self,
        identity: Identity,
        job_type: str,
        job: JobOwnership | None,
        api: Api,
        of: Outcome | None = None,
    ) -> Outcome:
        """GET the job of an earlier create, ``of``, or else the probe job with that ownership.

        ``job`` None: an id that no job has.
        """
        predictions = self._predict(identity, lambda oracle: oracle.read(identity, job_type, job))
        probes, known = self.context.prepared.probes, self.context.prepared.probe_jobs
        job_id = of.job_id if of is not None else UNKNOWN_ID
        if job is not None and of is None:
            job_id = probes[job.name]
        shown = known.get(job_id) or self.context.known.get(job_id)
        wanted = form_of(api, self.release)(shown) if shown is not None else None
        predicted = _Predicted(
            identity,
            Subject("read", api, job_type, job.name if job is not None else ""),
            predictions,
            lambda prediction, _: expecting.of_read(prediction, job_id, wanted),
        )
        return self._send(predicted, lambda client: client.read(identity, job_id, api))

    def delete(
        self,
        identity: Identity,
        job_type: str,
        job: JobOwnership | None,
        api: Api,
        of: Outcome | None = None,
    ) -> Outcome:
        """DELETE the job of an earlier create, ``of``, or else one of that ownership.

        ``job`` None: an id that no job has.

        After a reply with the expected status the job is read again, to see whether it is gone.
        """
        predictions = self._predict(identity, lambda oracle: oracle.delete(identity, job_type, job))
        job_id = of.job_id if of is not None else UNKNOWN_ID
        if job is not None and of is None:
            pool, allowed = self.context.pool, self._against(predictions).decision is Decision.ALLOW
            # Refused deletes may share a job; a permitted one takes its job with it.
            job_id = pool.make(job_type, job) if allowed else pool.shared(job_type, job)
        before = self.context.known.get(job_id)
        # v3 shows internals of the database instead (specification: delete).
        shown = before if api is Api.V4 else None
        predicted = _Predicted(
            identity,
            Subject("delete", api, job_type, job.name if job is not None else ""),
            predictions,
            lambda prediction, _: expecting.of_delete(prediction, job, shown),
        )
        if self._against(predictions).decision is Decision.ALLOW:
            self.context.known.forget(job_id)
        outcome = self._send(predicted, lambda client: client.delete(identity, job_id, api))
        # Another status fails the check by itself.
        if job is not None and outcome.exchange.status == outcome.expected.against.status:
            found = self.context.client.read(self.context.janitor, job_id)
            exists = found.status == 200
            changed: list[Difference] = []
            # A refused delete must leave the job as it was.
            if exists and before is not None and isinstance(found.json, dict):
                changed = list(kept_differences(before, found.json, outcome.observation.span))
            outcome.observation = replace(
                outcome.observation,
                exists=exists,
                findings=(*outcome.observation.findings, *changed),
            )
        return outcome

    def use_endpoint(self, identity: Identity, operation: Operation, predict: Predict) -> Outcome:
        """Use an endpoint with an id that no job has, or list; only the reply is judged.

        ``predict`` asks an oracle for its prediction. Supported: update, delete, read, list.
        """
        mark = self.context.correlation()
        nothing = UpdateRequest("", None)
        sends: dict[Operation, Send] = {
            Operation.UPDATE: lambda client: client.update(identity, UNKNOWN_ID, nothing, mark),
            Operation.DELETE: lambda client: client.delete(identity, UNKNOWN_ID),
            Operation.READ: lambda client: client.read(identity, UNKNOWN_ID),
            Operation.LIST: lambda client: client.query(identity, "v4/jobs"),
        }
        subject = Subject(f"{operation} endpoint", Api.V4, "")
        predicted = _Predicted(
            identity,
            subject,
            self._predict(identity, predict),
        )
        return self._send(predicted, sends[operation])

    def browse(
        self, identity: Identity, job_type: str, job: JobOwnership, view: ListView
    ) -> Outcome:
        """Search a list for a probe job; the reply is shared (``CheckContext.listing``).

        Raises NotVerifiable on releases without the endpoint.
        """
        if view.since is not None:
            self.needs(view.since, f"GET /api/{view.path}", identity)
        predictions = self._predict(identity, lambda oracle: oracle.listed(identity, job_type, job))
        job_id, known = self.context.prepared.probes[job.name], self.context.prepared.probe_jobs
        pids = self.context.readable_pids(identity, known.get(job_id, {})) if view.datasets else []
        predicted = _Predicted(
            identity,
            Subject("list", view.api, job_type, job.name),
            predictions,
            lambda prediction, _: expecting.of_list(
                prediction, view, job_id, known, pids, self.release
            ),
        )
        outcome = self._send(
            predicted, lambda _: self.context.listing(identity, view.name, view.path, view.params)
        )
        # An error has no rows to search.
        if outcome.allowed:
            visible = view.shows(outcome.exchange.json, job_id)
            outcome.observation = replace(outcome.observation, visible=visible)
        return outcome

    @property
    def pids(self) -> Mapping[str, str]:
        """The pids of the datasets of the site, by alias."""
        return self.context.prepared.pids

    @property
    def probe_ids(self) -> list[str]:
        """The ids of the probe jobs, in the order of their creation."""
        return list(self.context.prepared.probe_jobs)

    def visible_jobs(
        self, identity: Identity, job_type: str, jobs: Sequence[JobOwnership], api: Api = Api.V4
    ) -> list[Mapping[str, Any]]:
        """Return those of these probe jobs that an identity may see, as this API shows them.

        They are visible by the observed reading, and in the order of their creation.
        """
        form, known = form_of(api, self.release), self.context.prepared.probe_jobs
        ids = self.context.prepared.probes
        visible = {ids[job.name] for job in jobs if self.sees(identity, job_type, job)}
        return [form(document) for job_id, document in known.items() if job_id in visible]

    def sees(self, identity: Identity, job_type: str, job: JobOwnership) -> bool | None:
        """Return whether lists show a job to an identity, by the observed reading.

        None where they are refused.
        """
        predictions = self._predict(identity, lambda oracle: oracle.listed(identity, job_type, job))
        return predictions[Reading.OBSERVED].visible

    def _send(
        self, predicted: _Predicted, send: Send, *, settles: bool = False, job_id: str = ""
    ) -> Outcome:
        # Before the reply, only whether the backend is expected to end instead of answering.
        against = expecting.expectation_of(self._against(predicted.predictions))
        asked = self._exchange(predicted.identity, predicted.subject, send, against)
        # Both readings, whichever counts: where they differ there is a deviation.
        observed, documented = (
            predicted.expect(predicted.predictions[reading], asked.exchange)
            for reading in (Reading.OBSERVED, Reading.DOCUMENTED)
        )
        readings = Readings(observed, documented, self.context.reading)
        return self.outcome(asked, readings, settles=settles, job_id=job_id)

    def _job_for(self, request: UpdateRequest, predictions: Mapping[Reading, Prediction]) -> str:
        # An update that is refused by an action may still write, so the decision is not enough.
        exclusive = self._against(predictions).written
        return self.context.job_for(request, UNKNOWN_ID, exclusive=exclusive)

    def _against(self, predictions: Mapping[Reading, Prediction]) -> Prediction:
        return predictions[self.context.reading]

    def _refuse_withheld(self, identity: Identity, job_type: str) -> None:
        """End the check as not verifiable for a job type that this release does not support."""
        reason = self.context.site.withheld.get(job_type)
        if reason is not None:
            self.not_verifiable(reason, identity)

    def _predict(self, identity: Identity, predict: Predict) -> Mapping[Reading, Prediction]:
        self._refuse_missing(identity)
        try:
            return self.context.predict(lambda oracle: predict(self.oracle_of(oracle)))
        # By one of the readings: a case that none can judge is not planned.
        except (TooMuch, Unspecified) as reason:
            raise NotVerifiable(str(reason)) from None
