"""Goals: behaviour of a configuration that a case must trigger, and the values it needs.

Every ``validate`` is satisfied and, path by path, violated; every case of every ``switch`` is
reached. A goal is met by assigning values to paths of the request, of the datasets that it lists,
or of the job that it updates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from scicat_harness.facility.samples import NO_SAMPLE, matching, satisfying, unsatisfying
from scicat_harness.model.action import Action, Switch, SwitchCase, Validate
from scicat_harness.model.request import Operation
from scicat_harness.oracle.paths import satisfies
from scicat_harness.oracle.work import TooMuch

__all__ = ["Assignment", "Goal", "OutOfReach", "Root", "goals_of"]


class OutOfReach(Exception):
    """No request of the plan can have this; the text is the reason."""


Root = str
_MOST_WAYS = 1_000
"""Most ways through the switches of one operation: nested switches multiply them."""
REQUEST, DATASETS, JOB, ENV = "request", "datasets", "job", "env"
_STEP = re.compile(r"\.?(?:([\w-]+)|\[\s*(?:'([^']+)'|\"([^\"]+)\"|(\*|\d+))\s*\])")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value at a path below a root; with ``absent`` the path must not exist."""

    root: Root
    steps: tuple[str, ...]
    """Names, ``*`` or indices."""
    value: Any = None
    absent: bool = False


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


@dataclass(slots=True)
class _Way:
    """A way through the switches, with the assignments that take it."""

    name: str = ""
    chosen: tuple[tuple[Switch, SwitchCase], ...] = ()
    needs: tuple[Assignment, ...] = ()
    reason: str = ""
    actions: list[Action] = field(default_factory=list)


def goals_of(actions: Sequence[Action], operation: Operation) -> Iterator[Goal]:
    """Yield the goals of an operation.

    First the actions outside of switches and each case of each switch, with all validations
    satisfied; then each validation violated by a wrong and by a missing value.
    """
    ways = list(islice(_ways(actions, _Way()), _MOST_WAYS))
    if len(ways) == _MOST_WAYS:
        yield Goal("further-cases", reason=f"there are more than {_MOST_WAYS:,} cases of switches")
    for way in ways:
        needs, reason = _all_satisfied(way, actions, operation)
        yield Goal(way.name or "as-configured", needs, chosen=way.chosen, reason=reason)
    for way in ways:
        for validate in _own_validations(way, actions):
            yield from _violations(validate, way, actions, operation)


def _ways(actions: Sequence[Action], way: _Way) -> Iterator[_Way]:
    """Yield the way without a chosen case, then each case of each switch, nested ones after it."""
    yield way
    for position, action in enumerate(actions):
        if not isinstance(action, Switch):
            continue
        for index, case in enumerate(action.cases):
            name = f"{way.name}-" if way.name else ""
            further = _Way(
                f"{name}switch-{position + 1}-{_condition_of(case)}-{index + 1}",
                (*way.chosen, (action, case)),
                way.needs,
                way.reason,
                [*way.actions, *case.actions],
            )
            _reach(action, index, further)
            yield from _ways(case.actions, further)


def _condition_of(case: SwitchCase) -> str:
    if case.schema is not None:
        return "schema"
    if case.regex is not None:
        return "regex"
    return "match" if case.is_match else "default"


def _reach(switch: Switch, index: int, way: _Way) -> None:
    try:
        value = matching(switch.cases, index)
        # Earlier cases may take every value that this one would take.
        if value is NO_SAMPLE:
            raise OutOfReach(
                f"no value is known for which case {index + 1} of the switch on {switch.path} is "
                "the first that matches"
            )
        root, steps = _parsed(switch.path, from_context=True)
    except TooMuch as much:
        way.reason = way.reason or f"case {index + 1} of the switch on {switch.path}: {much}"
        return
    except OutOfReach as reason:
        way.reason = way.reason or str(reason)
        return
    way.needs = (*way.needs, Assignment(root, steps, value))


def _own_validations(way: _Way, actions: Sequence[Action]) -> list[Validate]:
    """Return the validations in the last chosen case, or those outside of all switches."""
    inside: Sequence[Action] = way.chosen[-1][1].actions if way.chosen else actions
    return [each for each in inside if isinstance(each, Validate)]


def _all_validations(way: _Way, actions: Sequence[Action]) -> list[Validate]:
    return [each for each in (*actions, *way.actions) if isinstance(each, Validate)]


def _all_satisfied(
    way: _Way, actions: Sequence[Action], operation: Operation
) -> tuple[tuple[Assignment, ...], str]:
    needs, reason = list(way.needs), way.reason
    for root, path, schema in _checked_schemas(_all_validations(way, actions), operation):
        try:
            wanted = _satisfied(root, path, schema)
            # A value that a switch needs may satisfy the schema as it is.
            if not any(_satisfies(each, wanted, schema) for each in needs):
                needs.append(wanted)
        except OutOfReach as beyond:
            reason = reason or str(beyond)
        except TooMuch as much:
            reason = reason or f"the schema of {path}: {much}"
    return tuple(needs), reason


def _satisfies(there: Assignment, wanted: Assignment, schema: Mapping[str, Any]) -> bool:
    """Return whether a value that is needed anyway satisfies the schema of the same path."""
    root = DATASETS if there.root == DATASETS else REQUEST
    same = (root, there.steps) == (wanted.root, wanted.steps)
    return same and satisfies(there.value, schema)


def _violations(
    validate: Validate, way: _Way, actions: Sequence[Action], operation: Operation
) -> Iterator[Goal]:
    base, reason = _all_satisfied(way, actions, operation)
    prefix = f"{way.name}-" if way.name else ""
    for root, path, schema in _checked_schemas([validate], operation):
        name = f"{prefix}{root}-{path}"
        try:
            wrong = unsatisfying(schema)
            if wrong is NO_SAMPLE:
                raise OutOfReach(f"no value is known that the schema of {path} refuses")
            _, steps = _parsed(path, from_context=False)
            needs = (*_without(base, root, steps), Assignment(root, steps, wrong))
            yield Goal(f"{name}-wrong", needs, True, way.chosen, reason)
        except (OutOfReach, TooMuch) as beyond:
            yield Goal(f"{name}-wrong", refused=True, reason=reason or str(beyond))
            continue
        # A field of a dataset cannot be left out.
        if root == REQUEST and not _always_there(steps):
            needs = (*_without(base, root, steps), Assignment(root, steps, absent=True))
            yield Goal(f"{name}-missing", needs, True, way.chosen, reason)


def _always_there(steps: tuple[str, ...]) -> bool:
    """Return whether every request has the value, so that a body without it is malformed."""
    return steps[0] in ("type", "statusCode", "statusMessage") or len(steps) == 1


def _without(
    assignments: Sequence[Assignment], root: Root, steps: tuple[str, ...]
) -> tuple[Assignment, ...]:
    return tuple(each for each in assignments if (each.root, each.steps) != (root, steps))


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


def _satisfied(root: Root, path: str, schema: Mapping[str, Any]) -> Assignment:
    value = satisfying(schema)
    if value is NO_SAMPLE:
        raise OutOfReach(f"no value is known that satisfies the schema of {path}")
    _, steps = _parsed(path, from_context=False)
    return Assignment(root, steps, value)


def _parsed(path: str, *, from_context: bool) -> tuple[Root, tuple[str, ...]]:
    """Return the steps of a plain path, and its root if it starts from the context.

    Raises OutOfReach for filters, wildcards at the root, and paths to a whole object.
    """
    rest = path.removeprefix("$")
    steps: list[str] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        if found is None:
            raise OutOfReach(f"{path} is no plain path, so no request can be made for it")
        steps.append(next(each for each in found.groups() if each is not None))
        at = found.end()
    if not steps:
        raise OutOfReach(f"{path} is the whole context, for which no request can be made")
    if not from_context:
        return REQUEST, tuple(steps)
    root, *inside = steps
    if root not in (REQUEST, DATASETS, JOB, ENV) or not inside:
        raise OutOfReach(f"{path} does not lead into request, job, datasets or env")
    # The case of a goal lists one dataset, which is both item 0 and every item.
    if root == DATASETS and inside[0] in ("*", "0"):
        inside = inside[1:]
    if not inside:
        raise OutOfReach(f"{path} is a whole dataset, for which no request can be made")
    return root, tuple(inside)
