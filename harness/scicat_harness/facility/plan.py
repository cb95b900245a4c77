"""The plan: every case by which a facility's configuration is verified, and what cannot be.

Authorization: every kind of caller, dataset list and owner, for create and update. Actions: every
goal of the configuration (``facility.goals``), by somebody who may do it. What a case comes
to is the oracle's to say; a goal that by the oracle is not met by its request is out of reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from scicat_harness.facility.goals import Goal, OutOfReach, goals_of
from scicat_harness.facility.reaching import chooses
from scicat_harness.facility.requests import Needs, asked_by
from scicat_harness.facility.site import NAME, SENTINEL, Cast
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
from scicat_harness.oracle.predict import Oracle, Prediction, Unspecified
from scicat_harness.oracle.rule import View
from scicat_harness.oracle.work import TooMuch, bounded

__all__ = ["Beyond", "Plan", "PlannedCase", "make_plan", "planned_datasets"]


_MOST_CASES = 20_000
_MOST_STEPS = 1_500_000
_WHOLE = "the whole plan"


class _Full(Exception):
    """No more cases fit into the plan."""


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """One request; ``made`` is the job that an update is about, which the janitor makes first."""

    name: str
    identity: Identity
    request: CreateRequest | UpdateRequest
    made: CreateRequest | None = None
    about: str = "authorization"
    site: str = NAME

    @property
    def operation(self) -> Operation:
        """Create or update."""
        creating = isinstance(self.request, CreateRequest)
        return Operation.CREATE if creating else Operation.UPDATE

    @property
    def id(self) -> str:
        """Operation, job type, and the case in words."""
        return f"{self.operation}-{self.request.job_type}-{self.about}-{self.name}"

    def predict(self, oracle: Oracle) -> Prediction:
        """What the oracle says of it, whatever its texts come to."""
        if isinstance(self.request, CreateRequest):
            return oracle.create(self.identity, self.request)
        return oracle.update(self.identity, self.request)


@dataclass(frozen=True, slots=True)
class Beyond:
    """What cannot be verified, and why."""

    name: str
    job_type: str
    operation: Operation
    reason: str
    site: str = NAME

    @property
    def id(self) -> str:
        """As of a case."""
        return f"{self.operation}-{self.job_type}-{self.name}"


@dataclass(slots=True)
class Plan:
    """The cases, what is beyond them, and the site they are tried on."""

    site: Site
    cast: Cast = Cast()
    silent: list[PlannedCase] = field(default_factory=list)
    """Those that have no effect, and change no job that others are about."""
    acting: list[PlannedCase] = field(default_factory=list)
    beyond: list[Beyond] = field(default_factory=list)

    @property
    def cases(self) -> list[PlannedCase]:
        """All of them."""
        return [*self.silent, *self.acting]

    def add(self, case: PlannedCase, prediction: Prediction) -> None:
        """Add a case by what it comes to."""
        if len(self.silent) + len(self.acting) >= _MOST_CASES:
            raise _Full
        changes = prediction.written and case.made is not None
        part = self.acting if prediction.effects or changes or prediction.dies else self.silent
        part.append(case)


def planned_datasets(
    job_types: Sequence[JobType], env: Mapping[str, str], cast: Cast
) -> list[Dataset]:
    """Every dataset that the cases list: each situation, with the fields each goal asks for."""
    made: dict[str, Dataset] = {}
    with bounded(_MOST_STEPS, _WHOLE):
        for shape in _shapes(job_types, env):
            for situation in SITUATIONS:
                dataset = dataset_in(situation, shape, cast)
                made[dataset.alias] = dataset
    return list(made.values())


def make_plan(site: Site, view: View, unknown: Mapping[str, str], cast: Cast) -> Plan:
    """The plan for a site; ``unknown`` are job types that cannot be verified, and why.

    It costs a bounded number of steps and has a bounded number of cases: the rest is beyond it.
    """
    plan = Plan(site, cast)
    with bounded(_MOST_STEPS, _WHOLE):
        _fill(plan, view, unknown)
    return plan


def _fill(plan: Plan, view: View, unknown: Mapping[str, str]) -> None:
    site = plan.site
    oracle = Oracle(site, view)
    for job_type in site.job_types.values():
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
        except _Full:
            reason = f"the plan has {_MOST_CASES:,} cases already"
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
        """Add them all."""
        usual, refusing = self._usual_create()
        self._add_creates(usual)
        self._add_goals(Operation.CREATE)
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
        """What a create must carry that all validations are satisfied by; why one is refused."""
        goal = next(goals_of(self._type.on_create, Operation.CREATE))
        try:
            return self._asked(goal, Operation.CREATE), "its actions refuse all of ours"
        except OutOfReach as reason:
            return None, str(reason)

    def _asked(self, goal: Goal, operation: Operation) -> Needs:
        if goal.reason:
            raise OutOfReach(goal.reason)
        return asked_by(goal.assignments, operation, self._type.name, self._env)

    def _add_creates(self, usual: Needs | None) -> None:
        asked = usual or Needs()
        names: list[tuple[str, ...]] = [] if asked.lists else [()]
        for situations in (*names, *LISTS):
            datasets = listed(situations, asked.datasets)
            for identity in self._people:
                for ownership in ownerships_of(identity, self._cast):
                    request = CreateRequest(
                        self._type.name, datasets, ownership, params=asked.params
                    )
                    name = "+".join(situations) or "no-list"
                    self._case(f"{identity.name}-{name}-{ownership.name}", identity, request)

    def _add_updates(self, made: CreateRequest) -> None:
        goal = next(goals_of(self._type.on_update, Operation.UPDATE))
        try:
            asked = self._asked(goal, Operation.UPDATE)
        except OutOfReach:
            asked = Needs()
        for identity in self._people:
            for job in jobs_of(identity, self._cast):
                self._update(f"{identity.name}-{job.name}", identity, asked, made, job)

    def _add_goals(self, operation: Operation, made: CreateRequest | None = None) -> None:
        actions = self._type.on_create if operation is Operation.CREATE else self._type.on_update
        for goal in goals_of(actions, operation):
            try:
                case = self._goal_case(goal, operation, self._asked(goal, operation), made)
                self._refuse_unmet(goal, case)
                prediction = case.predict(self._oracle)
            except (OutOfReach, TooMuch, Unspecified) as reason:
                self._plan.beyond.append(Beyond(goal.name, self._type.name, operation, str(reason)))
            else:
                self._plan.add(case, prediction)

    def _goal_case(
        self, goal: Goal, operation: Operation, asked: Needs, made: CreateRequest | None
    ) -> PlannedCase:
        if operation is Operation.CREATE:
            request = self._create(asked)
            for identity in (self._cast.owner, *self._people, self._janitor):
                own = next(iter(ownerships_of(identity, self._cast)))
                tried = replace(request, ownership=replace(own, email=asked.contact))
                if is_permitted(self._oracle, identity, tried):
                    return PlannedCase(goal.name, identity, tried, about="actions")
            raise OutOfReach("nobody here may create such a job")
        assert made is not None
        job = JobOwnership("owners", self._cast.owner.name, self._cast.group)
        about = replace(made, params={**made.params, **asked.params})
        if asked.datasets:
            about = replace(about, datasets=listed(("own",), asked.datasets))
        update = self._patch(asked, about, job)
        for identity in (self._cast.owner, *self._people, self._janitor):
            if is_permitted(self._oracle, identity, update):
                about = replace(about, ownership=owned(job))
                return PlannedCase(goal.name, identity, update, about, "actions")
        raise OutOfReach("nobody here may update such a job")

    def _create(self, asked: Needs) -> CreateRequest:
        needs = asked.lists or self._type.create_kind in DATASET_AUTHS
        public = str(self._type.create_kind) == "#datasetPublic"
        datasets = listed(("published",) if public else ("own",), asked.datasets)
        return CreateRequest(
            self._type.name, datasets if needs else NO_DATASETS, params=asked.params
        )

    def _made(self, asked: Needs) -> CreateRequest | None:
        """A create that the janitor can make, so that there is something to update."""
        request = replace(
            self._create(asked), ownership=owned(JobOwnership("any", None, self._cast.group))
        )
        try:
            prediction = self._oracle.create(self._janitor, request)
        except Unspecified:
            return None
        return request if prediction.written and not prediction.dies else None

    def _update(
        self, name: str, identity: Identity, asked: Needs, made: CreateRequest, job: JobOwnership
    ) -> None:
        about = replace(made, params={**made.params, **asked.params}, ownership=owned(job))
        request = self._patch(asked, about, job)
        self._case(name, identity, request, about)

    def _patch(self, asked: Needs, made: CreateRequest, job: JobOwnership) -> UpdateRequest:
        about = replace(job, datasets=made.datasets.aliases, params=made.params)
        return UpdateRequest(self._type.name, about, status=asked.status, result=asked.result)

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
        """A goal that its request does not meet, by the oracle, is not counted as tried."""
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
    """The fields that some goal asks of its datasets; none at all comes first."""
    yield {}
    for job_type in job_types:
        for operation, actions in (
            (Operation.CREATE, job_type.on_create),
            (Operation.UPDATE, job_type.on_update),
        ):
            for goal in goals_of(actions, operation):
                try:
                    asked = asked_by(goal.assignments, operation, job_type.name, env)
                except OutOfReach:
                    continue
                yield asked.datasets
