"""Goals: behaviour of a configuration that a case must trigger, and the values it needs.

Every ``validate`` is satisfied and, path by path, violated; every case of every ``switch`` is
reached. A goal is met by assigning values to paths of the request, of the datasets that it lists,
or of the job that it updates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from scicat_harness.facility.branching import Entered, Known, alternatives, templates_of
from scicat_harness.facility.conditions import (
    DATASETS,
    JOB,
    REQUEST,
    Assignment,
    Condition,
    OutOfReach,
    Root,
    measured,
    satisfies_schema,
)
from scicat_harness.facility.pathsteps import parsed_path
from scicat_harness.facility.samples import fits
from scicat_harness.facility.solving import solve
from scicat_harness.facility.ways import Way, compared, ways
from scicat_harness.facility.wrongvalues import violations
from scicat_harness.javascript.template import Branch
from scicat_harness.model.action import Action, Switch, SwitchCase, Validate
from scicat_harness.model.request import Operation
from scicat_harness.oracle.work import TooMuch

__all__ = ["BranchGoal", "Goal", "branch_goals", "goals_of"]

_LENGTH = "length"
_MOST_WAYS = 1_000
"""Most ways through the switches of one operation: nested switches multiply them."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One behaviour to trigger: a name in kebab case, and the assignments that trigger it.

    ``refused`` is true if a validate action must refuse the request. ``chosen`` has the cases that
    switches must choose, outer ones first.
    """

    name: str
    assignments: tuple[Assignment, ...] = ()
    refused: bool = False
    chosen: tuple[tuple[Switch, SwitchCase], ...] = ()
    reason: str = ""
    """The reason why it cannot be met, or empty."""
    unchosen: str = ""
    """The reason why no value is chosen for one of the validations, which may refuse the request
    then; empty if values are chosen for all."""

    def reached(self) -> tuple[Assignment, ...]:
        """Return the assignments; raises OutOfReach if it cannot be met."""
        if self.reason:
            raise OutOfReach(self.reason)
        return self.assignments


def goals_of(
    actions: Sequence[Action],
    operation: Operation,
    env: Mapping[str, str],
    created: Sequence[Action] = (),
) -> Iterator[Goal]:
    """Yield the goals of an operation; ``env`` is the environment of the backend.

    ``created`` are the actions of the create that makes the job of an update: its parameters have
    to pass them.

    First the actions outside of switches and each case of each switch, with all validations
    satisfied; then each validation violated by a wrong and by a missing value.
    """
    found = list(islice(ways(actions, Way()), _MOST_WAYS))
    if len(found) == _MOST_WAYS:
        yield Goal("further-cases", reason=f"there are more than {_MOST_WAYS:,} cases of switches")
    finder = _Finder(actions, operation, env, tuple(_of_parameters(created)))
    for way in found:
        yield finder.taken(way)
    for way in found:
        for validate in _own_validations(way, actions):
            yield from finder.violations(validate, way)


@dataclass(frozen=True, slots=True)
class BranchGoal:
    """A branch of a template, and the goals that may render it, the plainest first."""

    text: str
    number: int
    branch: Branch
    goals: Iterator[Goal]


def branch_goals(
    actions: Sequence[Action],
    operation: Operation,
    known: Known,
    entered: Entered,
    created: Sequence[Action] = (),
) -> Iterator[BranchGoal]:
    """Yield each branch that no case has rendered yet, with the goals that may.

    The goals take the way through the switches that leads to the template.
    """
    finder = _Finder(actions, operation, known.env, tuple(_of_parameters(created)))
    for way in islice(ways(actions, Way()), _MOST_WAYS):
        if way.reason:
            continue
        own = way.chosen[-1][1].actions if way.chosen else actions
        for each in templates_of(own):
            for number, branch in entered.missing(each.source):
                found = finder.rendering(way, branch, known)
                yield BranchGoal(each.source, number, branch, found)


def _own_validations(way: Way, actions: Sequence[Action]) -> list[Validate]:
    """Return the validations in the last chosen case, or those outside of all switches."""
    inside: Sequence[Action] = way.chosen[-1][1].actions if way.chosen else actions
    return [each for each in inside if isinstance(each, Validate)]


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds values for the goals of one operation."""

    actions: Sequence[Action]
    operation: Operation
    env: Mapping[str, str]
    created: tuple[Condition, ...] = ()
    """What the create of the job asks of its parameters."""

    def taken(self, way: Way) -> Goal:
        """Return the goal that a way is taken with all validations satisfied."""
        return self._goal(
            way.name or "as-configured",
            way,
            lambda: self._solved((*way.needs, *self._validated(way))),
        )

    def rendering(self, way: Way, branch: Branch, known: Known) -> Iterator[Goal]:
        """Yield goals that take a way with conditions under which a branch is rendered."""
        side = "else" if branch.otherwise else "then"
        prefix = f"{way.name}-" if way.name else ""
        for further in alternatives(branch, known):
            needs = (*way.needs, *self._validated(way), *further)
            name = f"{prefix}template-line-{branch.line}-{side}"
            yield self._goal(name, way, partial(self._solved, needs))

    def violations(self, validate: Validate, way: Way) -> Iterator[Goal]:
        """Yield the goals that one path of a validation is wrong, or missing."""
        prefix = f"{way.name}-" if way.name else ""
        for root, path, schema in _checked_schemas([validate], self.operation):
            name = f"{prefix}{root}-{path}"
            wrong = partial(self._violated, way, root, path, schema)
            goal = self._goal(f"{name}-wrong", way, wrong, refused=True)
            yield goal
            # A field of a dataset cannot be left out.
            if root == REQUEST and not goal.reason and not _always_there(_steps_of(path)):
                missing = partial(self._missing, way, root, path)
                yield self._goal(f"{name}-missing", way, missing, refused=True)

    def _goal(
        self,
        name: str,
        way: Way,
        find: Callable[[], tuple[Assignment, ...]],
        *,
        refused: bool = False,
    ) -> Goal:
        try:
            needs, reason = find(), way.reason
        except (OutOfReach, TooMuch) as beyond:
            needs, reason = (), way.reason or str(beyond)
        return Goal(name, needs, refused, way.chosen, reason, self._unchosen(way))

    def _unchosen(self, way: Way) -> str:
        for _, path, _ in self._checked(way):
            try:
                parsed_path(path, from_context=False)
            except OutOfReach as reason:
                return str(reason)
            except TooMuch:
                continue
        return ""

    def _missing(self, way: Way, root: Root, path: str) -> tuple[Assignment, ...]:
        steps = _steps_of(path)
        others = _elsewhere((*way.needs, *self._validated(way)), root, steps)
        return (*self._solved(others), Assignment(root, steps, absent=True))

    def _violated(self, way: Way, root: Root, path: str, schema: Any) -> tuple[Assignment, ...]:
        steps = _steps_of(path)
        wrong = measured(
            Condition(
                root,
                steps,
                lambda value: not fits(value, schema),
                lambda: violations(schema),
                f"the harness found no value that the schema of {path} refuses",
            )
        )
        others = [each for each in (*way.needs, *self._validated(way)) if each.schema is not schema]
        try:
            return self._solved((wrong, *others))
        except OutOfReach:
            # Another condition on the same value may exclude every wrong one.
            return self._solved((wrong, *_elsewhere(others, root, steps)))

    def _validated(self, way: Way) -> Iterator[Condition]:
        """Yield the conditions that all validations of a way are satisfied.

        A path that no value can be chosen for has none: any request may satisfy it.
        """
        for root, path, schema in self._checked(way):
            yield from _satisfied(root, path, schema)

    def _checked(self, way: Way) -> Iterator[tuple[Root, str, Mapping[str, Any]]]:
        validations = [each for each in (*self.actions, *way.actions) if isinstance(each, Validate)]
        return _checked_schemas(validations, self.operation)

    def _solved(self, conditions: Sequence[Condition]) -> tuple[Assignment, ...]:
        about = [each.steps for each in conditions if each.root == JOB]
        related = [each for each in self.created if any(_meet(each.steps, at) for at in about)]
        return solve((*conditions, *related), self.operation, self.env)


def _satisfied(root: Root, path: str, schema: Mapping[str, Any]) -> Iterator[Condition]:
    """Yield the conditions that what a path selects satisfies a schema, none for some paths."""
    unmet = f"the harness found no value that satisfies the schema of {path}"
    try:
        _, steps, further = parsed_path(path, from_context=False)
        condition = measured(satisfies_schema(root, steps, schema, unmet))
    # Its own goal says why; any request may satisfy it for the others.
    except (OutOfReach, TooMuch):
        return
    yield condition
    yield from (compared(root, each) for each in further)


def _elsewhere(
    conditions: Sequence[Condition], root: Root, steps: tuple[str, ...]
) -> tuple[Condition, ...]:
    """Return the conditions that are not on a value, on its parts, or on what contains it."""
    return tuple(each for each in conditions if each.root != root or not _meet(each.steps, steps))


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Return whether one of two values contains the other, or both are the same."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _of_parameters(created: Sequence[Action]) -> Iterator[Condition]:
    """Yield what the validations of a create ask of the parameters of its job."""
    validations = [each for each in created if isinstance(each, Validate)]
    for root, path, schema in _checked_schemas(validations, Operation.CREATE):
        for each in _satisfied(root, path, schema):
            if root == REQUEST and each.steps[0] == "jobParams":
                yield replace(each, root=JOB)


def _steps_of(path: str) -> tuple[str, ...]:
    """Return the steps of a path of a validation; raises OutOfReach like ``parsed_path``."""
    return parsed_path(path, from_context=False)[1]


def _always_there(steps: tuple[str, ...]) -> bool:
    """Return whether every request has the value, so that a body without it is malformed."""
    return (
        steps[0] in ("type", "statusCode", "statusMessage") or len(steps) == 1 or _LENGTH in steps
    )


def _checked_schemas(
    validations: Sequence[Validate], operation: Operation
) -> Iterator[tuple[Root, str, Mapping[str, Any]]]:
    """Yield root, path and schema of the checks that the backend makes.

    It ignores ``datasets`` on update (specification: action.validate).
    """
    for each in validations:
        for path, schema in each.request.items():
            yield REQUEST, path, schema
        if operation is Operation.CREATE:
            for path, schema in (each.datasets or {}).items():
                yield DATASETS, path, schema
