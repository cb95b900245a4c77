"""Predictions: run a request through endpoint and instance rules to an outcome and its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.model.effect import Effect
from scicat_harness.model.identity import Identity
from scicat_harness.model.outcome import Decision, StoredJob
from scicat_harness.model.release import REWRITTEN_CREATE
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle import endpoint
from scicat_harness.oracle.action_context import (
    ActionContext,
    create_context,
    stored_document,
    update_context,
)
from scicat_harness.oracle.action_run import ORDERING, ActionRun, run_actions
from scicat_harness.oracle.answers import Answer, ReplyPattern
from scicat_harness.oracle.create import CREATE_V3, CREATE_V4
from scicat_harness.oracle.create_facts import CreateFacts, create_facts
from scicat_harness.oracle.create_v3 import V3_OWNER_GROUP, Mapped, map_v3
from scicat_harness.oracle.facts import EndpointFacts, caller, endpoint_facts
from scicat_harness.oracle.performing import PERFORMING
from scicat_harness.oracle.quirks import QUIRKS
from scicat_harness.oracle.rule import Decided, RuleTable, Step, View
from scicat_harness.oracle.stored import STORED
from scicat_harness.oracle.switching import SWITCHING
from scicat_harness.oracle.update import (
    DELETE,
    LIST,
    READ,
    UPDATE,
    JobFacts,
    job_facts,
    update_facts,
)
from scicat_harness.oracle.validating import VALIDATING

__all__ = ["TABLES", "Oracle", "Prediction", "Unspecified"]

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
    VALIDATING,
    SWITCHING,
    ORDERING,
    PERFORMING,
    QUIRKS,
)
"""Every table; their rules together are what a run can exercise."""


_NO_REPLY = ReplyPattern(0)
_BY_ACTIONS = frozenset({Answer.ACTION_REFUSED, Answer.ACTION_FAILED})


class Unspecified(Exception):
    """The outcome depends on an order that nobody promises; such a case must not be asserted."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a request leads to, by which rules.

    ``deciding`` is the rule that settled it; ``rules`` all rules that applied on the way;
    ``visible`` is set for lists only; ``job`` for a create that is stored. ``written`` tells
    whether a job is stored or changed, even if the client is told otherwise, ``dies`` that the
    backend ends instead of answering.
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
        """The outcome class."""
        return self.answer.decision

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every rule looked at, in order; those that applied end their table."""
        return tuple(step for decided in self.path for step in decided.steps())

    @property
    def sentence(self) -> str:
        """The deciding rule's sentence and source."""
        rule = next(each.rule for each in self.path if each.rule.id == self.deciding)
        return f"{rule.id}: {rule.sentence} ({rule.source})"

    def same_promise(self, other: Prediction) -> bool:
        """Whether two predictions let the same happen; refusals may be worded differently.

        Documentation promises who may do what, not which refusal comes first; but a server error
        is never a promised refusal.
        """
        return self.promise() == other.promise()

    def promise(self) -> tuple[object, ...]:
        """What two readings must agree in to promise the same."""
        allowed = self.decision is Decision.ALLOW
        wording = self.reply.status if self.answer in _BY_ACTIONS else None
        effects = [(each.channel, each.content) for each in self.effects]
        unheard = self.reply.status >= 500 or self.dies
        return allowed, unheard, self.job, self.visible, self.written, wording, effects


@dataclass(frozen=True, slots=True)
class Oracle:
    """Predicts for one site, release and reading; pure, and the same answer every time."""

    site: Site
    view: View
    _gates: dict[tuple[str, Identity], Decided[EndpointFacts, endpoint.Gate]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def rule_ids(self) -> frozenset[str]:
        """Every rule that can decide something in this view."""
        return frozenset(rule.id for table in TABLES for rule in table.rules_for(self.view))

    def create(self, identity: Identity, request: CreateRequest) -> Prediction:
        """What a POST leads to; raises Unspecified where no order is promised."""
        self._refuse_race(request)
        trail = _Trail()
        gate = self._endpoint(endpoint.ENDPOINT_CREATE, identity, trail)
        if gate is not None:
            return self._refused(gate, trail)
        if request.api is Api.V4:
            facts = create_facts(self.site, identity, request, self.view)
            prediction = self._create(CREATE_V4, facts, trail)
        else:
            prediction = self._create_v3(identity, request, trail)
        if prediction.job is None:
            return prediction
        context = create_context(self.site, request)
        actions = self.site.job_type(request.job_type).on_create
        return self._acted(
            prediction, run_actions(actions, context, self.view, _storing(prediction.job))
        )

    def update(self, identity: Identity, request: UpdateRequest) -> Prediction:
        """What a PATCH leads to."""
        trail = _Trail()
        gate = self._endpoint(endpoint.ENDPOINT_UPDATE, identity, trail)
        if gate is not None:
            return self._refused(gate, trail)
        facts = update_facts(self.site, identity, request, self.view)
        answer = trail.follow(UPDATE.decide(facts, self.view))
        prediction = self._refused(answer, trail)
        if answer is not Answer.DONE:
            return prediction
        actions = self.site.job_type(request.job_type).on_update
        context = update_context(self.site, request)
        return self._acted(prediction, run_actions(actions, context, self.view, _storing(None)))

    def read(self, identity: Identity, job_type: str, job: JobOwnership | None) -> Prediction:
        """What GET of one job leads to."""
        return self._about_job(endpoint.ENDPOINT_READ, READ, identity, job_type, job)

    def delete(self, identity: Identity, job_type: str, job: JobOwnership | None) -> Prediction:
        """What DELETE leads to."""
        return self._about_job(endpoint.ENDPOINT_DELETE, DELETE, identity, job_type, job)

    def listed(self, identity: Identity, job_type: str, job: JobOwnership) -> Prediction:
        """Whether a job appears in this caller's lists, or what refuses the list."""
        trail = _Trail()
        gate = self._endpoint(endpoint.ENDPOINT_READ, identity, trail)
        if gate is not None:
            return self._refused(gate, trail)
        facts = job_facts(self.site, identity, job_type, job, self.view)
        visible = trail.follow(LIST.decide(facts, self.view))
        return replace(self._refused(Answer.DONE, trail), visible=visible)

    def _acted(self, prediction: Prediction, made: ActionRun) -> Prediction:
        """The prediction after the actions of a permitted operation."""
        path = (*prediction.path, *made.path)
        acted = replace(
            prediction,
            path=path,
            rules=tuple(decided.rule.id for decided in path),
            deciding=made.deciding or prediction.deciding,
            effects=tuple(made.effects),
            written=not made.refused,
            dies=made.dies,
        )
        job = None if made.refused else prediction.job
        if made.dies:
            return replace(acted, answer=Answer.ACTION_FAILED, reply=_NO_REPLY, job=job)
        if made.told is None:
            return acted
        answer = Answer.ACTION_REFUSED if made.refused else Answer.ACTION_FAILED
        return replace(acted, answer=answer, reply=made.told, job=job)

    def _refuse_race(self, request: CreateRequest) -> None:
        """Until v5.1.1 the files of all datasets were looked for in whichever came last."""
        with_files = sum(bool(item.files) for item in request.datasets.items)
        if self.view.release < REWRITTEN_CREATE and with_files > 1:
            raise Unspecified(f"files of {with_files} datasets are mixed up by a race")

    def _about_job(
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
            return self._refused(gate, trail)
        facts = job_facts(self.site, identity, job_type, job, self.view)
        return self._refused(trail.follow(table.decide(facts, self.view)), trail)

    def _endpoint(
        self, table: RuleTable[EndpointFacts, endpoint.Gate], identity: Identity, trail: _Trail
    ) -> endpoint.Gate:
        key = (table.name, identity)
        if key not in self._gates:
            facts = endpoint_facts(self.site, caller(self.site, identity, self.view))
            self._gates[key] = table.decide(facts, self.view)
        gate: endpoint.Gate = trail.follow(self._gates[key])
        return gate

    def _refused(self, answer: Answer, trail: _Trail) -> Prediction:
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
        prediction = self._refused(answer, trail)
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
        if facts.type_known:
            trail.follow(mapped.decided)
        return self._create(CREATE_V3, facts, trail)


def _storing(job: StoredJob | None) -> Callable[[ActionContext], ActionContext]:
    return lambda context: context.stored(stored_document(context, job))


class _Trail:
    """Collects the decisions of consecutive tables."""

    __slots__ = ("path",)

    def __init__(self, path: Iterable[Decided[Any, Any]] = ()) -> None:
        self.path = list(path)

    def copy(self) -> _Trail:
        return _Trail(self.path)

    def rules(self) -> tuple[str, ...]:
        return tuple(decided.rule.id for decided in self.path)

    def follow(self, decided: Decided[Any, Any]) -> Any:
        """Record a table's decision and hand out its verdict."""
        self.path.append(decided)
        return decided.rule.verdict
