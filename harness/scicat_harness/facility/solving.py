"""Solving: one set of values that meets all conditions of a case at once.

Conditions on one path, or on an object and on values inside it, are met together: an object schema
also restricts its properties, and a value may have to satisfy a schema and lead to a case of a
switch. A value is proposed by one condition and tested with all of them, so it is never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice, product
from typing import Any

from scicat_harness.facility.conditions import (
    DATASETS,
    ENV,
    JOB,
    REQUEST,
    Assignment,
    Condition,
    OutOfReach,
    Root,
    satisfies_schema,
)
from scicat_harness.facility.references import inlined
from scicat_harness.facility.samples import proposals
from scicat_harness.facility.stored import (
    absent_or,
    accepted_conditions,
    number_of_datasets,
    only_chosen,
    sorted_out,
)
from scicat_harness.model.request import Operation
from scicat_harness.oracle.javascript import UNDEFINED
from scicat_harness.oracle.work import TooMuch, spend

__all__ = ["solve"]

_MOST_OF_A_PART = 12
_MOST_ACCEPTED = 4
"""Most values that are proposed only because the backend accepts them."""
_FOUND_NONE = "the harness found no value "
"""The beginning of most sentences about a condition that is not met."""
_MOST_TOGETHER = 400
"""Most values of one part of an object, and most combinations of parts, that are tried."""
_PROPERTY = re.compile(r"[\w-]+")


def solve(
    conditions: Iterable[Condition], operation: Operation, env: Mapping[str, str]
) -> tuple[Assignment, ...]:
    """Return assignments that meet all conditions.

    Raises OutOfReach with the reason if none are known, and TooMuch if they would be too large.
    """
    trees: dict[Root, _Part] = {}
    given, counting, others = sorted_out(conditions)
    for each in others:
        if each.root == ENV:
            _check_variable(each, env)
        else:
            root = _common_root(each, operation)
            trees.setdefault(root, _Part()).add(each, each.steps)
    # Any dataset will do, but there must be one.
    found = [Assignment(DATASETS, ())] if given or DATASETS in trees else []
    if counting:
        found.append(number_of_datasets(counting, least=1 if found else 0))
    for root, tree in trees.items():
        for each in accepted_conditions(root, tree.names()):
            tree.parts[each.steps[0]].given.append(each)
        for steps, part in tree.topmost():
            part.push_down()
            value = next(part.values(), _NOTHING)
            if value is _NOTHING:
                raise OutOfReach(part.unmet())
            chosen = JOB if part.is_about_the_job() else root
            if value is UNDEFINED:
                found.append(Assignment(chosen, steps, absent=True))
                continue
            found += _leaves(chosen, steps, only_chosen(root, steps, value))
    return tuple(found)


def _common_root(each: Condition, operation: Operation) -> Root:
    """Return the root under which conditions on the same value meet.

    A job has the parameters of its request, and after an update the status and result of the patch.
    A new job's status is a parameter of another name.
    """
    new = operation is Operation.CREATE and each.steps[0] in ("statusCode", "statusMessage")
    return REQUEST if each.root == JOB and not new else each.root


def _check_variable(each: Condition, env: Mapping[str, str]) -> None:
    # The environment is the same for all cases: it fits already, or never.
    value = env.get(each.steps[0])
    if len(each.steps) > 1 or not each.holds(UNDEFINED if value is None else value):
        raise OutOfReach(f"env.{'.'.join(each.steps)} is {value!r} in this environment")


_DIGITS = 3
"""Most digits of an index that count; a list with more items is too large anyway."""


class _Nothing:
    """No value was found."""


_NOTHING = _Nothing()


@dataclass(slots=True)
class _Part:
    """The conditions on one value, and the parts of the value that have conditions."""

    given: list[Condition] = field(default_factory=list)
    parts: dict[str, _Part] = field(default_factory=dict)
    least: int = 1
    """The least number of items, for a list."""

    def add(self, condition: Condition, steps: tuple[str, ...]) -> None:
        if not steps:
            self.given.append(condition)
            return
        # The items of a list that a plan makes are alike, so a condition on one is one on all.
        step = "*" if steps[0].isdigit() else steps[0]
        if steps[0].isdigit():
            self.least = max(self.least, int(steps[0][:_DIGITS]) + 1)
        self.parts.setdefault(step, _Part()).add(condition, steps[1:])

    def names(self) -> dict[str, Collection[str]]:
        """Return the names of the parts, each with the names of its own parts."""
        return {name: part.parts.keys() for name, part in self.parts.items()}

    def topmost(self, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], _Part]]:
        """Yield the outermost parts that have conditions, with their steps."""
        for step, part in self.parts.items():
            # As an index, so that there are enough items.
            name = str(self.least - 1) if step == "*" and self.least > 1 else step
            if part.given:
                yield (*at, name), part
            else:
                yield from part.topmost((*at, name))

    def push_down(self) -> None:
        """Add, below, what the schemas here say about the parts."""
        for each in [each for each in self.given if isinstance(each.schema, Mapping)]:
            schema = inlined(each.schema)
            properties = schema.get("properties")
            known = properties if isinstance(properties, Mapping) else {}
            for step, part in self.parts.items():
                inner = schema.get("items") if step == "*" else known.get(step)
                if isinstance(inner, Mapping):
                    further = satisfies_schema(each.root, (*each.steps, step), inner, each.unmet)
                    if step not in (schema.get("required") or ()):
                        further = replace(further, holds=partial(absent_or, further.holds))
                    part.given.append(replace(further, by_backend=each.by_backend))
        for part in self.parts.values():
            part.push_down()

    def values(self) -> Iterator[Any]:
        """Yield the values that meet the conditions here and below."""
        for candidate in self._completed():
            spend()
            if all(each.holds(candidate) for each in self.given):
                yield candidate

    def _completed(self) -> Iterator[Any]:
        completing = [each.completed for each in self.given if each.completed is not None]
        for value in self._with_parts() if self.parts else self._proposed():
            yield from completing[0](value) if completing else (value,)

    def _proposed(self) -> Iterator[Any]:
        too_much: TooMuch | None = None
        proposing = [each.proposed for each in self.given if not each.by_backend]
        # Such as the items of a list, of which a condition asks for a number only.
        schemas = [each.schema for each in self.given if isinstance(each.schema, Mapping)]
        if len(schemas) > 1:
            together = {key: value for each in reversed(schemas) for key, value in each.items()}
            proposing.append(partial(proposals, together))
        # Last what the backend accepts, for a condition that is met by values of many kinds.
        proposing += [
            partial(_first_of, each.proposed, _MOST_ACCEPTED)
            for each in self.given
            if each.by_backend
        ]
        for proposed in proposing:
            try:
                yield from proposed()
            # Another condition may propose a value that is small enough.
            except TooMuch as much:
                too_much = much
        if too_much is not None:
            raise too_much

    def _with_parts(self) -> Iterator[Any]:
        names = [step for step in self.parts if step != "*"]
        inside = [
            list(islice(self.parts[step].values(), _MOST_OF_A_PART))
            for step in (*names, "*")
            if step in self.parts
        ]
        steps = [*names, *(["*"] if "*" in self.parts else [])]
        bases = [each for each in self._proposed() if isinstance(each, dict | list)]
        empty: list[Any] = [[], {}] if "*" in self.parts else [{}]
        for base in (*bases, *empty):
            for chosen in islice(product(*inside), _MOST_TOGETHER):
                spend()
                yield _filled(deepcopy(base), dict(zip(steps, chosen, strict=True)), self.least)
            # The items of a list may have to differ.
            items = [each for each in inside[-1] if each is not UNDEFINED]
            if isinstance(base, list) and 1 < len(base) <= len(items) and "*" in self.parts:
                yield deepcopy(items[: len(base)])

    def unmet(self) -> str:
        """Return the sentence of the condition that cannot be met, or of all."""
        for part in self.parts.values():
            if next(part.values(), _NOTHING) is _NOTHING:
                return part.unmet()
        asked = _Part([each for each in self.given if not each.by_backend], self.parts)
        if asked.given and next(asked.values(), _NOTHING) is not _NOTHING:
            return next(each.unmet for each in self.given if each.by_backend)
        sentences = list(dict.fromkeys(each.unmet for each in asked.given or self.given))
        first, *others = sentences
        return " and ".join((first, *(each.removeprefix(_FOUND_NONE) for each in others)))

    def is_about_the_job(self) -> bool:
        """Return whether a condition here or below is about the stored job."""
        own = any(each.root == JOB for each in self.given)
        return own or any(part.is_about_the_job() for part in self.parts.values())


def _first_of(proposed: Callable[[], Sequence[Any]], most: int) -> Sequence[Any]:
    return proposed()[:most]


def _filled(base: Any, parts: dict[str, Any], least: int) -> Any:
    """Return an object or list with these parts; ``*`` is every item, or every property.

    A list gets at least ``least`` items.

    A part that is undefined is left out.
    """
    item = parts.pop("*", _NOTHING)
    if isinstance(base, list):
        if item is UNDEFINED:
            return []
        return [item] * max(len(base), least) if item is not _NOTHING else parts
    every = {} if item is _NOTHING else dict.fromkeys(base or ("harness",), item)
    made = {**base, **every, **parts}
    return {name: value for name, value in made.items() if value is not UNDEFINED}


def _leaves(root: Root, steps: tuple[str, ...], value: Any) -> Iterator[Assignment]:
    """Yield a value as assignments of its parts, so that what stands beside them is kept."""
    plain = isinstance(value, dict) and all(_PROPERTY.fullmatch(name) for name in value)
    if not plain:
        yield Assignment(root, steps, value)
    elif value:
        for name, each in value.items():
            yield from _leaves(root, (*steps, name), each)
    # An empty object of this kind is there in any case.
    elif steps not in (("jobParams",), ("datasetlifecycle",)):
        yield Assignment(root, steps, value)
