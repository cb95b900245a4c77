"""Predictions: the outcome of a request by the rule tables, with the rules that led to it.

A request passes the endpoint rules, the instance rules and, if it is permitted, the actions of its
job type. Source: specification: request.order, create.steps, update.steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.model.identity import Identity
from scicat_harness.model.outcome import StoredJob
from scicat_harness.model.release import REWRITTEN_CREATE
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle import endpoint
from scicat_harness.oracle.actions.context import (
    ActionContext,
    create_context,
    stored_document,
    update_context,
)
from scicat_harness.oracle.actions.kinds import ACTION_TABLES
from scicat_harness.oracle.actions.quirks import QUIRKS
from scicat_harness.oracle.actions.run import ORDERING, ActionRun, run_actions
from scicat_harness.oracle.answers import Answer, ReplyPattern
from scicat_harness.oracle.create import CREATE_V3, CREATE_V4
from scicat_harness.oracle.create_facts import CreateFacts, create_facts
from scicat_harness.oracle.create_v3 import V3_OWNER_GROUP, Mapped, map_v3
from scicat_harness.oracle.facts import EndpointFacts, caller, endpoint_facts
from scicat_harness.oracle.prediction import Prediction
from scicat_harness.oracle.rule import Decided, RuleTable, View
from scicat_harness.oracle.stored import STORED
from scicat_harness.oracle.unspecified import Unspecified
from scicat_harness.oracle.update import (
    DELETE,
    LIST,
    READ,
    UPDATE,
    JobFacts,
    job_facts,
    update_facts,
)

__all__ = ["TABLES", "Oracle", "Prediction", "Unspecified"]

# In the order in which a request passes them, those of the actions last.
TABLES: tuple[RuleTable[Any, Any], ...] = (
    endpoint.ENDPOINT_CREATE,
    endpoint.ENDPOINT_UPDATE,
    endpoint.ENDPOINT_READ,
    endpoint.ENDPOINT_DELETE,
    CREATE_V4,
    CREATE_V3,
    V3_OWNER_GROUP,
    STORED,
    UPDATE,
    READ,
    LIST,
    DELETE,
    *ACTION_TABLES,
    ORDERING,
    QUIRKS,
)
"""Every rule table; coverage of the rules is counted over all of them."""

# The status of a request without a reply, because the backend ended.
_NO_REPLY = ReplyPattern(0)


@dataclass(frozen=True, slots=True)
class Oracle:
    """The oracle for one site, release and reading.

    Pure: equal arguments give equal predictions. Example, with a site and one of its identities::

        prediction = Oracle(site, View(CURRENT)).create(identity, CreateRequest("archive"))
        prediction.reply.status, prediction.deciding
    """

    site: Site
    view: View
    # Endpoint decisions depend on the identity alone, so they are made once for all its requests.
    _gates: dict[tuple[str, Identity], Decided[EndpointFacts, endpoint.Gate]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def rule_ids(self) -> frozenset[str]:
        """Return the ids of all rules that hold in this view."""
        return frozenset(rule.id for table in TABLES for rule in table.rules_for(self.view))

    def create(self, identity: Identity, request: CreateRequest) -> Prediction:
        """Return the prediction for a POST.

        Raises Unspecified if the outcome depends on an order that is not specified: the order of
        groups or datasets on v3, or a race between datasets with named files before v5.2.0.
        """
        self._refuse_race(request)
        trail = _Trail()
        gate = self._endpoint(endpoint.ENDPOINT_CREATE, identity, trail)
        if gate is not None:
            return self._prediction(gate, trail)
        if request.api is Api.V4:
            facts = create_facts(self.site, identity, request, self.view)
            prediction = self._create(CREATE_V4, facts, trail)
        else:
            prediction = self._create_v3(identity, request, trail)
        # Actions run for permitted creates only.
        if prediction.job is None:
            return prediction
        context = create_context(self.site, request)
        actions = self.site.job_type(request.job_type).on_create
        return self._with_actions(
            prediction, run_actions(actions, context, self.view, _storing(prediction.job))
        )

    def update(self, identity: Identity, request: UpdateRequest) -> Prediction:
        """Return the prediction for a PATCH."""
        trail = _Trail()
        gate = self._endpoint(endpoint.ENDPOINT_UPDATE, identity, trail)
        if gate is not None:
            return self._prediction(gate, trail)
        facts = update_facts(self.site, identity, request, self.view)
        answer = trail.follow(UPDATE.decide(facts, self.view))
        prediction = self._prediction(answer, trail)
        if answer is not Answer.DONE:
            return prediction
        actions = self.site.job_type(request.job_type).on_update
        context = update_context(self.site, request, identity.name)
        return self._with_actions(
            prediction, run_actions(actions, context, self.view, _storing(None))
        )

    def read(self, identity: Identity, job_type: str, job: JobOwnership | None) -> Prediction:
        """Return the prediction for a GET of one job."""
        return self._read_or_delete(endpoint.ENDPOINT_READ, READ, identity, job_type, job)

    def delete(self, identity: Identity, job_type: str, job: JobOwnership | None) -> Prediction:
        """Return the prediction for a DELETE."""
        return self._read_or_delete(endpoint.ENDPOINT_DELETE, DELETE, identity, job_type, job)

    def listed(self, identity: Identity, job_type: str, job: JobOwnership) -> Prediction:
        """Return the prediction for a list: ``visible`` is True if it shows the job."""
        trail = _Trail()
        gate = self._endpoint(endpoint.ENDPOINT_READ, identity, trail)
        if gate is not None:
            return self._prediction(gate, trail)
        facts = job_facts(self.site, identity, job_type, job, self.view)
        visible = trail.follow(LIST.decide(facts, self.view))
        return replace(self._prediction(Answer.DONE, trail), visible=visible)

    def _with_actions(self, prediction: Prediction, made: ActionRun) -> Prediction:
        """Return the prediction after the actions of a permitted operation."""
        path = (*prediction.path, *made.path)
        predicted = replace(
            prediction,
            path=path,
            rules=tuple(decided.rule.id for decided in path),
            deciding=made.deciding or prediction.deciding,
            effects=tuple(made.effects),
            written=not made.refused,
            dies=made.dies,
        )
        # An action that fails after the write changes the reply, not the stored job.
        job = None if made.refused else prediction.job
        if made.dies:
            return replace(predicted, answer=Answer.ACTION_FAILED, reply=_NO_REPLY, job=job)
        if made.reply is None:
            return predicted
        answer = Answer.ACTION_REFUSED if made.refused else Answer.ACTION_FAILED
        return replace(predicted, answer=answer, reply=made.reply, job=job)

    def _refuse_race(self, request: CreateRequest) -> None:
        """Raise Unspecified before v5.2.0 if the request names files of several datasets."""
        # The files of all datasets were searched for in whichever dataset came last.
        with_files = sum(bool(item.files) for item in request.datasets.items)
        if self.view.release < REWRITTEN_CREATE and with_files > 1:
            raise Unspecified(f"files of {with_files} datasets are mixed up by a race")

    def _read_or_delete(
        self,
        gate_table: RuleTable[EndpointFacts, endpoint.Gate],
        table: RuleTable[JobFacts, Answer],
        identity: Identity,
        job_type: str,
        job: JobOwnership | None,
    ) -> Prediction:
        trail = _Trail()
        gate = self._endpoint(gate_table, identity, trail)
        if gate is not None:
            return self._prediction(gate, trail)
        facts = job_facts(self.site, identity, job_type, job, self.view)
        return self._prediction(trail.follow(table.decide(facts, self.view)), trail)

    def _endpoint(
        self, table: RuleTable[EndpointFacts, endpoint.Gate], identity: Identity, trail: _Trail
    ) -> endpoint.Gate:
        key = (table.name, identity)
        if key not in self._gates:
            who = caller(self.site, identity, self.view)
            facts = endpoint_facts(self.site, who, self.view.release)
            self._gates[key] = table.decide(facts, self.view)
        gate: endpoint.Gate = trail.follow(self._gates[key])
        return gate

    def _prediction(self, answer: Answer, trail: _Trail) -> Prediction:
        return Prediction(
            answer=answer,
            reply=answer.reply(self.view.release),
            deciding=trail.path[-1].rule.id,
            rules=trail.rules(),
            path=tuple(trail.path),
        )

    def _create(
        self, table: RuleTable[CreateFacts, Answer], facts: CreateFacts, trail: _Trail
    ) -> Prediction:
        answer = trail.follow(table.decide(facts, self.view))
        prediction = self._prediction(answer, trail)
        if answer is not Answer.CREATED:
            return prediction
        owners = trail.follow(STORED.decide(facts, self.view))
        return replace(
            prediction,
            job=owners(facts),
            rules=trail.rules(),
            path=tuple(trail.path),
        )

    def _create_v3(self, identity: Identity, request: CreateRequest, trail: _Trail) -> Prediction:
        mapped = map_v3(self.site, identity, request, self.view)
        # One prediction for each candidate: they may differ in the owner group alone.
        predictions = [
            self._create_mapped(identity, request, mapped, group, trail.copy())
            for group in sorted(mapped.group_candidates, key=str)
        ]
        first = predictions[0]
        if any(each.deciding != first.deciding for each in predictions):
            raise Unspecified(f"the owner group of {request} depends on the order of a list")
        if first.job is None:
            return first
        groups = frozenset(
            group for each in predictions if each.job for group in each.job.owner_group
        )
        return replace(first, job=replace(first.job, owner_group=groups))

    def _create_mapped(
        self,
        identity: Identity,
        request: CreateRequest,
        mapped: Mapped,
        group: str | None,
        trail: _Trail,
    ) -> Prediction:
        ownership = replace(mapped.ownership, group=group)
        facts = create_facts(self.site, identity, replace(request, ownership=ownership), self.view)
        facts = replace(facts, group_derived=mapped.group_derived)
        # Without a configured type nothing was mapped, so the derivation is no part of the path.
        if facts.type_known:
            trail.follow(mapped.decided)
        return self._create(CREATE_V3, facts, trail)


def _storing(job: StoredJob | None) -> Callable[[ActionContext], ActionContext]:
    return lambda context: context.stored(stored_document(context, job))


class _Trail:
    """The decisions of consecutive tables, in order."""

    __slots__ = ("path",)

    def __init__(self, path: Iterable[Decided[Any, Any]] = ()) -> None:
        self.path = list(path)

    def copy(self) -> _Trail:
        return _Trail(self.path)

    def rules(self) -> tuple[str, ...]:
        return tuple(decided.rule.id for decided in self.path)

    def follow(self, decided: Decided[Any, Any]) -> Any:
        """Record the decision of a table and return its verdict."""
        self.path.append(decided)
        return decided.rule.verdict
