"""The cases of one job type: authorization, the goals of its actions, branches of its templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from scicat_harness.facility.axes import (
    LISTS,
    is_permitted,
    is_stored,
    jobs_of,
    listed,
    ownerships_of,
    succeeds,
)
from scicat_harness.facility.branching import (
    Entered,
    Known,
    shows_datasets,
    shows_files,
)
from scicat_harness.facility.building import RequestBuilder
from scicat_harness.facility.conditions import OutOfReach
from scicat_harness.facility.contexts import contexts_of
from scicat_harness.facility.goals import BranchGoal, Goal, branch_goals, goals_of
from scicat_harness.facility.plan import Beyond, Plan, PlannedCase
from scicat_harness.facility.reaching import refuse_unmet
from scicat_harness.facility.requests import Needs, needs_of
from scicat_harness.facility.variants import TemplateUse, variants_of, with_numbers
from scicat_harness.model.action import Action
from scicat_harness.model.identity import Identity
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.request import CreateRequest, JobOwnership, Operation, UpdateRequest
from scicat_harness.oracle.predict import Oracle, Prediction, Unspecified
from scicat_harness.oracle.work import TooMuch

__all__ = ["JobTypePlanner"]


class JobTypePlanner:
    """Plans the cases of one job type."""

    def __init__(
        self,
        plan: Plan,
        oracle: Oracle,
        job_type: JobType,
        janitor: Identity,
        entered: Entered | None,
    ) -> None:
        self._plan = plan
        self._oracle = oracle
        self.job_type = job_type
        self._janitor = janitor
        self._cast = plan.cast
        self._env = plan.site.settings
        self._entered = entered
        self._noted: set[tuple[Operation, str]] = set()
        self._build = RequestBuilder(job_type, plan.cast.group)
        self._made_for_updates: CreateRequest | None = None
        self._owners: Mapping[str, str | None] = {}
        self._people = [each for each in plan.site.identities.values() if each.name != janitor.name]

    def add(self) -> None:
        """Add all cases of the job type: creates first, as updates need a job."""
        usual, refusing = self._usual_create()
        # Only on a twin: on an instance these marks are what shows that a job is of the run.
        if refusing and self._plan.site.sentinel:
            self._build.marks_job = False
            unmarked, still = self._usual_create()
            self._build.marks_job = bool(still)
            usual, refusing = (usual, refusing) if still else (unmarked, "")
        self._owners = usual.owners if usual is not None else {}
        self._add_creates(usual)
        self._add_goals(Operation.CREATE)
        # Without known needs a plain create may still pass.
        made: CreateRequest | None = None
        try:
            request = self._build.create_for_updates(usual or Needs())
            made = request if is_stored(self._oracle, self._janitor, request) else None
        except TooMuch as much:
            refusing = str(much)
        if made is None:
            reason = f"no job of this type can be made to be updated: {refusing}"
            self._plan.beyond.append(Beyond("all", self.job_type.name, Operation.UPDATE, reason))
            return
        self._made_for_updates = made
        self._add_updates(made)
        self._add_goals(Operation.UPDATE)

    def add_branches(self, entered: Entered) -> None:
        """Add a case for each branch of a template that no case renders yet, where one is known."""
        known = Known(self.job_type.name, self._env)
        for operation, actions in self.operations():
            created = self.job_type.on_create if operation is Operation.UPDATE else ()
            for wanted in branch_goals(actions, operation, known, entered, created):
                for goal in wanted.goals:
                    # An earlier case of this loop may have rendered it, too.
                    if entered.has(wanted.text, wanted.number):
                        break
                    self._add_branch(goal, operation, wanted, entered)
            for goal in self._goals(operation):
                if not goal.refused and not goal.reason:
                    self._add_variants(goal, operation, entered)

    def _add_variants(self, goal: Goal, operation: Operation, entered: Entered) -> None:
        """Add the variants of a request that render further branches."""
        actions = self._rendered(goal, operation)
        if not entered.wants(actions):
            return
        try:
            needs = self._needs_for(goal, operation)
            usual = self._goal_case(goal, operation, needs).predict(self._oracle)
        except (OutOfReach, TooMuch, Unspecified):
            return
        shown = TemplateUse(
            shows_datasets(actions),
            shows_files(actions),
            list(entered.paths(actions)),
            list(dict.fromkeys(entered.compared(actions))),
        )
        for name, variant in variants_of(needs, shown, updating=operation is Operation.UPDATE):
            try:
                case, prediction = self._tried(goal, operation, variant)
            except (OutOfReach, TooMuch, Unspecified):
                continue
            contexts = contexts_of(case, self._oracle)
            same = (prediction.written, prediction.dies) == (usual.written, usual.dies)
            if same and entered.is_new(actions, contexts):
                entered.note(actions, contexts)
                self._plan.add(replace(case, name=f"{goal.name}-{name}"), prediction)

    def _add_branch(
        self, goal: Goal, operation: Operation, wanted: BranchGoal, entered: Entered
    ) -> None:
        try:
            case, prediction = self._tried(goal, operation, self._needs_for(goal, operation))
        except (OutOfReach, Unspecified):
            return
        contexts = contexts_of(case, self._oracle)
        if entered.renders(wanted.text, wanted.number, contexts):
            entered.note(self._rendered(goal, operation), contexts)
            named = replace(case, name=f"{case.name}-{wanted.number}")
            self._plan.add(named, prediction)

    def operations(self) -> Iterator[tuple[Operation, tuple[Action, ...]]]:
        """Yield the operations that have cases, with their actions."""
        yield Operation.CREATE, self.job_type.on_create
        if self._made_for_updates is not None:
            yield Operation.UPDATE, self.job_type.on_update

    def _rendered(self, goal: Goal, operation: Operation) -> list[Action]:
        """Return the actions that a case of a goal runs for certain."""
        inside = (each for _, case in goal.chosen for each in case.actions)
        return [*self._actions(operation), *inside]

    def _actions(self, operation: Operation) -> tuple[Action, ...]:
        return self.job_type.on_create if operation is Operation.CREATE else self.job_type.on_update

    def _goals(self, operation: Operation) -> Iterator[Goal]:
        created = self.job_type.on_create if operation is Operation.UPDATE else ()
        return goals_of(self._actions(operation), operation, self._env, created)

    def _usual_create(self) -> tuple[Needs | None, str]:
        """Return the needs of a create that succeeds, and why none is known.

        The plainest comes first. A switch may refuse a request that chooses no case, though, and
        then a case of it is chosen.
        """
        plainest: Needs | None = None
        refusing = ""
        for goal in self._goals(Operation.CREATE):
            if goal.refused:
                break
            try:
                needs = self._needs_for(goal, Operation.CREATE)
                request = self._build.create_for_updates(needs)
                if succeeds(self._oracle, self._janitor, request):
                    return needs, ""
                plainest = plainest or needs
            except (OutOfReach, TooMuch) as reason:
                refusing = refusing or str(reason)
        return plainest, refusing or "its actions refuse every request tried"

    def _needs_for(self, goal: Goal, operation: Operation) -> Needs:
        needs = needs_of(goal.reached(), operation, self.job_type.name)
        if self._entered is None or goal.refused:
            return needs
        measured = self._entered.measured(self._rendered(goal, operation))
        return with_numbers(needs, measured, updating=operation is Operation.UPDATE)

    def _add_creates(self, usual: Needs | None) -> None:
        # Who owns the new job is tried in every way.
        needs = replace(usual or Needs(), owners={})
        # A create that must list datasets has no case without a list.
        names: list[tuple[str, ...]] = [] if needs.lists else [()]
        for situations in (*names, *LISTS):
            datasets = listed(situations, needs.datasets)
            for identity in self._people:
                for ownership in ownerships_of(identity, self._cast):
                    request = self._build.create_of(datasets, needs, ownership)
                    name = "+".join(situations) or "no-list"
                    self._case(f"{identity.name}-{name}-{ownership.name}", identity, request)

    def _add_updates(self, made: CreateRequest) -> None:
        goal = next(self._goals(Operation.UPDATE))
        try:
            needs = self._needs_for(goal, Operation.UPDATE)
        except OutOfReach:
            # The authorization of updates can be checked all the same.
            needs = Needs()
        self._build.marks_result = not self._passes_unmarked_only(needs, made)
        for identity in self._people:
            for job in jobs_of(identity, self._cast):
                self._update(f"{identity.name}-{job.name}", identity, needs, made, job)

    def _passes_unmarked_only(self, needs: Needs, made: CreateRequest) -> bool:
        """Return whether the actions of an update accept a result without marks alone."""
        written = []
        for marked in (True, False):
            self._build.marks_result = marked
            try:
                update = self._build.update(
                    needs, made, JobOwnership("any", None, self._cast.group)
                )
                written.append(self._oracle.update(self._janitor, update).written)
            except (OutOfReach, Unspecified, TooMuch):
                return False
        return written == [False, True]

    def _add_goals(self, operation: Operation) -> None:
        for goal in self._goals(operation):
            try:
                case, prediction = self._tried(goal, operation, self._needs_for(goal, operation))
            # Never counted as passed: it is listed with its reason.
            except (OutOfReach, TooMuch, Unspecified) as reason:
                self._plan.beyond.append(
                    Beyond(goal.name, self.job_type.name, operation, str(reason))
                )
            else:
                self._plan.add(case, prediction)
                if self._entered is not None and not goal.refused:
                    self._entered.note(
                        self._rendered(goal, operation), contexts_of(case, self._oracle)
                    )

    def _tried(
        self, goal: Goal, operation: Operation, needs: Needs
    ) -> tuple[PlannedCase, Prediction]:
        """Return the case of a goal, predicted; raises OutOfReach if it does not meet the goal."""
        try:
            return self._met(goal, operation, needs)
        except OutOfReach:
            marked = operation is Operation.UPDATE and goal.refused and self._build.marks_result
            if not marked:
                raise
        # The mark in the result may be what satisfies the validation.
        self._build.marks_result = False
        try:
            return self._met(goal, operation, needs)
        finally:
            self._build.marks_result = True

    def _met(
        self, goal: Goal, operation: Operation, needs: Needs
    ) -> tuple[PlannedCase, Prediction]:
        case = self._goal_case(goal, operation, needs)
        prediction = case.predict(self._oracle)
        refuse_unmet(self._plan.site, goal, case, prediction)
        return case, prediction

    def _goal_case(self, goal: Goal, operation: Operation, needs: Needs) -> PlannedCase:
        if operation is Operation.CREATE:
            request = self._build.create(needs)
            # The first permitted identity; the janitor is the last resort, as it may do anything.
            for identity in (self._cast.owner, *self._people, self._janitor):
                own = next(iter(ownerships_of(identity, self._cast)))
                tried = self._build.create_of(request.datasets, needs, own)
                if is_permitted(self._oracle, identity, tried):
                    return PlannedCase(goal.name, identity, tried, about="actions")
            raise OutOfReach("no identity of the plan may create such a job")
        made = self._made_for_updates
        assert made is not None
        # The create may accept jobs of some owners only.
        owners = {**self._owners, **needs.owners}
        job = JobOwnership(
            "owners",
            owners.get("ownerUser", self._cast.owner.name),
            owners.get("ownerGroup", self._cast.group),
        )
        about = self._build.made_for(made, needs, job)
        if needs.datasets or needs.count:
            about = replace(about, datasets=self._build.listed(needs))
        if self._oracle.create(self._janitor, about).job is None:
            raise OutOfReach("the create refuses every job with the values that the update needs")
        update = self._build.update(needs, about, job)
        for identity in (self._cast.owner, *self._people, self._janitor):
            if is_permitted(self._oracle, identity, update):
                return PlannedCase(goal.name, identity, update, about, "actions")
        raise OutOfReach("no identity of the plan may update such a job")

    def _update(
        self, name: str, identity: Identity, needs: Needs, made: CreateRequest, job: JobOwnership
    ) -> None:
        about = self._build.made_for(made, needs, job)
        try:
            # The create may refuse a job of these owners, which nobody can update then.
            if not is_stored(self._oracle, self._janitor, about):
                return
            request = self._build.update(needs, about, job)
        except (OutOfReach, TooMuch) as reason:
            self._plan.beyond.append(
                Beyond(name, self.job_type.name, Operation.UPDATE, str(reason))
            )
        else:
            self._case(name, identity, request, about)

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
                Beyond(name, self.job_type.name, case.operation, f"nothing is promised: {reason}")
            )
        except TooMuch as much:
            self._plan.beyond.append(Beyond(name, self.job_type.name, case.operation, str(much)))
        else:
            self._plan.add(case, prediction)
            self._note_list(case, prediction)

    def _note_list(self, case: PlannedCase, prediction: Prediction) -> None:
        """Note the templates of the first case that is permitted with a list of a kind."""
        about = case.made or case.request
        if self._entered is None or not prediction.written or not isinstance(about, CreateRequest):
            return
        kind = (case.operation, about.datasets.name)
        if kind not in self._noted:
            self._noted.add(kind)
            actions = self._actions(case.operation)
            self._entered.note(actions, contexts_of(case, self._oracle))
