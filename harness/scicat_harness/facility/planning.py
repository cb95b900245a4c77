"""Planning: derive the cases of a plan from a facility's configuration.

Authorization: every kind of caller, dataset list and owner, for create and update. Actions: every
goal of the configuration (``facility.goals``), by an identity that may do it. The oracle predicts
the outcome of a case; a goal that its request does not meet by the oracle is out of reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scicat_harness.facility.axes import (
    LISTS,
    SITUATIONS,
    dataset_in,
    is_permitted,
    jobs_of,
    listed,
    owned,
    ownerships_of,
)
from scicat_harness.facility.goals import Goal, goals_of
from scicat_harness.facility.plan import MOST_CASES, Beyond, Plan, PlanFull, PlannedCase
from scicat_harness.facility.reaching import chooses
from scicat_harness.facility.requests import Needs, needs_of
from scicat_harness.facility.site import SENTINEL, Cast
from scicat_harness.facility.solving import OutOfReach
from scicat_harness.model.auth import DATASET_AUTHS
from scicat_harness.model.dataset import Dataset
from scicat_harness.model.identity import Identity
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.request import (
    NO_DATASETS,
    CreateRequest,
    JobOwnership,
    Operation,
    UpdateRequest,
)
from scicat_harness.model.site import Site
from scicat_harness.oracle.predict import Oracle, Unspecified
from scicat_harness.oracle.rule import View
from scicat_harness.oracle.work import TooMuch, bounded

__all__ = ["make_plan", "planned_datasets"]

# Steps are counted instead of time, so that every run makes the same plan.
_MOST_STEPS = 1_500_000
_WHOLE = "the whole plan"


def planned_datasets(
    job_types: Sequence[JobType], env: Mapping[str, str], cast: Cast
) -> list[Dataset]:
    """Return the datasets that the cases list.

    For each goal there is one dataset in each situation, with the fields that the goal needs.
    """
    made: dict[str, Dataset] = {}
    with bounded(_MOST_STEPS, _WHOLE):
        for shape in _shapes(job_types, env):
            for situation in SITUATIONS:
                dataset = dataset_in(situation, shape, cast)
                made[dataset.alias] = dataset
    return list(made.values())


def make_plan(site: Site, view: View, unknown: Mapping[str, str], cast: Cast) -> Plan:
    """Return the plan for a site; ``unknown`` maps job types that cannot be verified to reasons.

    A plan takes at most 1,500,000 steps and has at most 20,000 cases. Anything further is listed
    in ``beyond``, so that no configuration keeps a run busy for ever.
    """
    plan = Plan(site, cast)
    with bounded(_MOST_STEPS, _WHOLE):
        _fill(plan, view, unknown)
    return plan


def _fill(plan: Plan, view: View, unknown: Mapping[str, str]) -> None:
    site = plan.site
    oracle = Oracle(site, view)
    for job_type in site.job_types.values():
        # The sentinel belongs to the run, not to the facility.
        if job_type.name == SENTINEL:
            continue
        if job_type.name in unknown:
            for operation in (Operation.CREATE, Operation.UPDATE):
                plan.beyond.append(
                    Beyond("everything", job_type.name, operation, unknown[job_type.name])
                )
            continue
        try:
            _Planner(plan, oracle, job_type, site.identities[site.janitor]).add()
        except PlanFull:
            reason = f"the plan has {MOST_CASES:,} cases already"
            for operation in (Operation.CREATE, Operation.UPDATE):
                plan.beyond.append(Beyond("further cases", job_type.name, operation, reason))


class _Planner:
    """Plans the cases of one job type."""

    def __init__(self, plan: Plan, oracle: Oracle, job_type: JobType, janitor: Identity) -> None:
        self._plan = plan
        self._oracle = oracle
        self._type = job_type
        self._janitor = janitor
        self._cast = plan.cast
        self._env = plan.site.settings
        self._people = [each for each in plan.site.identities.values() if each.name != janitor.name]

    def add(self) -> None:
        """Add all cases of the job type: creates first, as updates need a job."""
        usual, refusing = self._usual_create()
        self._add_creates(usual)
        self._add_goals(Operation.CREATE)
        # Without known needs a plain create may still pass.
        try:
            made = self._made(usual or Needs())
        except TooMuch as much:
            made, refusing = None, str(much)
        if made is None:
            reason = f"no job of this type can be made to be updated: {refusing}"
            self._plan.beyond.append(Beyond("all", self._type.name, Operation.UPDATE, reason))
            return
        self._add_updates(made)
        self._add_goals(Operation.UPDATE, made)

    def _usual_create(self) -> tuple[Needs | None, str]:
        """Return the needs of a create that satisfies all validations, and why none would do."""
        goal = next(goals_of(self._type.on_create, Operation.CREATE, self._env))
        try:
            return self._needs_for(goal, Operation.CREATE), "its actions refuse every request tried"
        except OutOfReach as reason:
            return None, str(reason)

    def _needs_for(self, goal: Goal, operation: Operation) -> Needs:
        if goal.reason:
            raise OutOfReach(goal.reason)
        return needs_of(goal.assignments, operation, self._type.name)

    def _add_creates(self, usual: Needs | None) -> None:
        needs = usual or Needs()
        # A create that must list datasets has no case without a list.
        names: list[tuple[str, ...]] = [] if needs.lists else [()]
        for situations in (*names, *LISTS):
            datasets = listed(situations, needs.datasets)
            for identity in self._people:
                for ownership in ownerships_of(identity, self._cast):
                    request = CreateRequest(
                        self._type.name, datasets, ownership, params=needs.params
                    )
                    name = "+".join(situations) or "no-list"
                    self._case(f"{identity.name}-{name}-{ownership.name}", identity, request)

    def _add_updates(self, made: CreateRequest) -> None:
        goal = next(goals_of(self._type.on_update, Operation.UPDATE, self._env))
        try:
            needs = self._needs_for(goal, Operation.UPDATE)
        except OutOfReach:
            # The authorization of updates can be checked all the same.
            needs = Needs()
        for identity in self._people:
            for job in jobs_of(identity, self._cast):
                self._update(f"{identity.name}-{job.name}", identity, needs, made, job)

    def _add_goals(self, operation: Operation, made: CreateRequest | None = None) -> None:
        actions = self._type.on_create if operation is Operation.CREATE else self._type.on_update
        for goal in goals_of(actions, operation, self._env):
            try:
                case = self._goal_case(goal, operation, self._needs_for(goal, operation), made)
                self._refuse_unmet(goal, case)
                prediction = case.predict(self._oracle)
            # Never counted as passed: it is listed with its reason.
            except (OutOfReach, TooMuch, Unspecified) as reason:
                self._plan.beyond.append(Beyond(goal.name, self._type.name, operation, str(reason)))
            else:
                self._plan.add(case, prediction)

    def _goal_case(
        self, goal: Goal, operation: Operation, needs: Needs, made: CreateRequest | None
    ) -> PlannedCase:
        if operation is Operation.CREATE:
            request = self._create(needs)
            # The first permitted identity; the janitor is the last resort, as it may do anything.
            for identity in (self._cast.owner, *self._people, self._janitor):
                own = next(iter(ownerships_of(identity, self._cast)))
                tried = replace(request, ownership=replace(own, email=needs.contact))
                if is_permitted(self._oracle, identity, tried):
                    return PlannedCase(goal.name, identity, tried, about="actions")
            raise OutOfReach("no identity of the plan may create such a job")
        assert made is not None
        job = JobOwnership("owners", self._cast.owner.name, self._cast.group)
        about = replace(made, params={**made.params, **needs.params})
        if needs.datasets:
            about = replace(about, datasets=listed(("own",), needs.datasets))
        update = self._patch(needs, about, job)
        for identity in (self._cast.owner, *self._people, self._janitor):
            if is_permitted(self._oracle, identity, update):
                about = replace(about, ownership=owned(job))
                return PlannedCase(goal.name, identity, update, about, "actions")
        raise OutOfReach("no identity of the plan may update such a job")

    def _create(self, needs: Needs) -> CreateRequest:
        with_list = needs.lists or self._type.create_kind in DATASET_AUTHS
        # An auth value about published datasets refuses a dataset of the owner.
        public = str(self._type.create_kind) == "#datasetPublic"
        datasets = listed(("published",) if public else ("own",), needs.datasets)
        return CreateRequest(
            self._type.name, datasets if with_list else NO_DATASETS, params=needs.params
        )

    def _made(self, needs: Needs) -> CreateRequest | None:
        """Return a create that the janitor may send, so that there is a job to update."""
        request = replace(
            self._create(needs), ownership=owned(JobOwnership("any", None, self._cast.group))
        )
        try:
            prediction = self._oracle.create(self._janitor, request)
        except Unspecified:
            return None
        return request if prediction.written and not prediction.dies else None

    def _update(
        self, name: str, identity: Identity, needs: Needs, made: CreateRequest, job: JobOwnership
    ) -> None:
        about = replace(made, params={**made.params, **needs.params}, ownership=owned(job))
        request = self._patch(needs, about, job)
        self._case(name, identity, request, about)

    def _patch(self, needs: Needs, made: CreateRequest, job: JobOwnership) -> UpdateRequest:
        about = replace(job, datasets=made.datasets.aliases, params=made.params)
        return UpdateRequest(self._type.name, about, status=needs.status, result=needs.result)

    def _case(
        self,
        name: str,
        identity: Identity,
        request: CreateRequest | UpdateRequest,
        made: CreateRequest | None = None,
    ) -> None:
        case = PlannedCase(name, identity, request, made)
        try:
            prediction = case.predict(self._oracle)
        except Unspecified as reason:
            self._plan.beyond.append(
                Beyond(name, self._type.name, case.operation, f"nothing is promised: {reason}")
            )
        except TooMuch as much:
            self._plan.beyond.append(Beyond(name, self._type.name, case.operation, str(much)))
        else:
            self._plan.add(case, prediction)

    def _refuse_unmet(self, goal: Goal, case: PlannedCase) -> None:
        """Raise OutOfReach if, by the oracle, the request does not meet its goal.

        Otherwise a case would count as tried that checks something else.
        """
        # Another refusal, such as that of an error action, says nothing about the validation.
        prediction = case.predict(self._oracle)
        refused = prediction.deciding.startswith(("actions.validate.", "actions.order."))
        if goal.refused and (prediction.written or not refused):
            raise OutOfReach(f"no request violates it alone ({prediction.sentence})")
        for switch, wanted in goal.chosen:
            if not chooses(self._plan.site, case.request, switch, wanted):
                raise OutOfReach(
                    f"no request leads to this case of the switch on {switch.path}, or not in "
                    f"the phase {switch.phase}"
                )


def _shapes(job_types: Sequence[JobType], env: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Yield the dataset fields that goals need, beginning with none at all."""
    yield {}
    for job_type in job_types:
        for operation, actions in (
            (Operation.CREATE, job_type.on_create),
            (Operation.UPDATE, job_type.on_update),
        ):
            for goal in goals_of(actions, operation, env):
                try:
                    needs = needs_of(goal.assignments, operation, job_type.name)
                except OutOfReach:
                    continue
                yield needs.datasets
