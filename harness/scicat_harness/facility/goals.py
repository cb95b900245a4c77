"""Goals: what a configuration wants to see happen once, and which values a request needs for it.

Every ``validate`` is to be satisfied and, path by path, violated; every case of every ``switch``
is to be reached. A goal is met by an assignment of values to paths of the request, of the datasets
it lists, or of the job it updates.
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
    """No request of ours can have this; the text says why."""


Root = str
_MOST_WAYS = 1_000
REQUEST, DATASETS, JOB, ENV = "request", "datasets", "job", "env"
_STEP = re.compile(r"\.?(?:([\w-]+)|\[\s*(?:'([^']+)'|\"([^\"]+)\"|(\*|\d+))\s*\])")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value at a path; ``absent``: the path must lead nowhere."""

    root: Root
    steps: tuple[str, ...]
    """Names, ``*`` or numbers."""
    value: Any = None
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """What shall happen, in words and as assignments; ``refused`` by a validate action.

    ``chosen`` are the cases that switches must choose, by their places.
    """

    name: str
    assignments: tuple[Assignment, ...] = ()
    refused: bool = False
    chosen: tuple[tuple[Switch, SwitchCase], ...] = ()
    reason: str = ""
    """Why it cannot be met at all."""


@dataclass(slots=True)
class _Way:
    """A way through the switches, with what is needed to take it."""

    name: str = ""
    chosen: tuple[tuple[Switch, SwitchCase], ...] = ()
    needs: tuple[Assignment, ...] = ()
    reason: str = ""
    actions: list[Action] = field(default_factory=list)


def goals_of(actions: Sequence[Action], operation: Operation) -> Iterator[Goal]:
    """Every goal of an operation: the plain way, each case, and each validation violated."""
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
    """The way without any switch told, then each case of each switch, nested ones after."""
    yield way
    for position, action in enumerate(actions):
        if not isinstance(action, Switch):
            continue
        for index, case in enumerate(action.cases):
            name = f"{way.name}-" if way.name else ""
            further = _Way(
                f"{name}switch-{position + 1}-{_called(case)}-{index + 1}",
                (*way.chosen, (action, case)),
                way.needs,
                way.reason,
                [*way.actions, *case.actions],
            )
            _reach(action, index, further)
            yield from _ways(case.actions, further)


def _called(case: SwitchCase) -> str:
    if case.schema is not None:
        return "schema"
    if case.regex is not None:
        return "regex"
    return "match" if case.is_match else "default"


def _reach(switch: Switch, index: int, way: _Way) -> None:
    try:
        value = matching(switch.cases, index)
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
    """Those that only this way comes by; of the plain way, those outside any switch."""
    inside: Sequence[Action] = way.chosen[-1][1].actions if way.chosen else actions
    return [each for each in inside if isinstance(each, Validate)]


def _all_validations(way: _Way, actions: Sequence[Action]) -> list[Validate]:
    return [each for each in (*actions, *way.actions) if isinstance(each, Validate)]


def _all_satisfied(
    way: _Way, actions: Sequence[Action], operation: Operation
) -> tuple[tuple[Assignment, ...], str]:
    needs, reason = list(way.needs), way.reason
    for root, path, schema in _honoured(_all_validations(way, actions), operation):
        try:
            wanted = _satisfied(root, path, schema)
            if not any(_serves(each, wanted, schema) for each in needs):
                needs.append(wanted)
        except OutOfReach as beyond:
            reason = reason or str(beyond)
        except TooMuch as much:
            reason = reason or f"the schema of {path}: {much}"
    return tuple(needs), reason


def _serves(there: Assignment, wanted: Assignment, schema: Mapping[str, Any]) -> bool:
    """Whether a value that a way needs anyway satisfies the schema of the same path."""
    root = DATASETS if there.root == DATASETS else REQUEST
    same = (root, there.steps) == (wanted.root, wanted.steps)
    return same and satisfies(there.value, schema)


def _violations(
    validate: Validate, way: _Way, actions: Sequence[Action], operation: Operation
) -> Iterator[Goal]:
    base, reason = _all_satisfied(way, actions, operation)
    prefix = f"{way.name}-" if way.name else ""
    for root, path, schema in _honoured([validate], operation):
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
        if root == REQUEST and not _always_there(steps):
            needs = (*_without(base, root, steps), Assignment(root, steps, absent=True))
            yield Goal(f"{name}-missing", needs, True, way.chosen, reason)


def _always_there(steps: tuple[str, ...]) -> bool:
    """Whether every request has it, so that leaving it out is a malformed body."""
    return steps[0] in ("type", "statusCode", "statusMessage") or len(steps) == 1


def _without(
    assignments: Sequence[Assignment], root: Root, steps: tuple[str, ...]
) -> tuple[Assignment, ...]:
    return tuple(each for each in assignments if (each.root, each.steps) != (root, steps))


def _honoured(
    validations: Sequence[Validate], operation: Operation
) -> Iterator[tuple[Root, str, Mapping[str, Any]]]:
    """What the backend looks at: an update's datasets it does not."""
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
    """The steps of a plain path, and its root where it starts from the template context."""
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
        raise OutOfReach(f"{path} is the whole, for which no request can be made")
    if not from_context:
        return REQUEST, tuple(steps)
    root, *inside = steps
    if root not in (REQUEST, DATASETS, JOB, ENV) or not inside:
        raise OutOfReach(f"{path} does not lead into request, job, datasets or env")
    if root == DATASETS and inside[0] in ("*", "0"):
        inside = inside[1:]
    if not inside:
        raise OutOfReach(f"{path} is a whole dataset, for which no request can be made")
    return root, tuple(inside)
