"""Solving: one set of values that meets all conditions of a case at once.

Conditions on one path, or on an object and on values inside it, are met together: an object schema
also restricts its properties, and a value may have to satisfy a schema and lead to a case of a
switch. A value is proposed by one condition and tested with all of them, so it is never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice, product
from typing import Any

from scicat_harness.facility.acceptance import (
    A_DATE,
    ADDRESSES,
    GIVEN_FIELDS,
    GIVEN_OF_LIFECYCLE,
    OBJECTS,
    OF_A_DATASET,
    OF_A_REQUEST,
    USUAL_DATASET,
)
from scicat_harness.facility.references import inlined
from scicat_harness.facility.samples import fits, proposals
from scicat_harness.model.request import Operation
from scicat_harness.oracle.datasets import CHOSEN_TIMES
from scicat_harness.oracle.javascript import UNDEFINED, DateValue
from scicat_harness.oracle.work import TooMuch, spend

__all__ = [
    "DATASETS",
    "ENV",
    "JOB",
    "REQUEST",
    "Assignment",
    "Condition",
    "OutOfReach",
    "Root",
    "satisfies_schema",
    "solve",
]


class OutOfReach(Exception):
    """No request of the plan can have this; the text is the reason."""


Root = str
REQUEST, DATASETS, JOB, ENV = "request", "datasets", "job", "env"
_MOST_OF_A_PART = 12
_MOST_ACCEPTED = 4
"""Most values that are proposed only because the backend accepts them."""
_MOST_TOGETHER = 400
"""Most values of one part of an object, and most combinations of parts, that are tried."""
_PROPERTY = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value at a path below a root; with ``absent`` the path must not exist."""

    root: Root
    steps: tuple[str, ...]
    """Names, ``*`` or indices; no steps below datasets stand for any dataset."""
    value: Any = None
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """What the value at a path must be.

    ``proposed`` gives values to try, and ``holds`` decides. ``schema`` is set for a JSON schema,
    which is applied to conditions below the path as well. ``unmet`` is the sentence for the case
    that no value is known. With ``by_backend`` the configuration does not ask for it: it restricts
    the values of other conditions only.
    """

    root: Root
    steps: tuple[str, ...]
    holds: Callable[[Any], bool]
    proposed: Callable[[], Sequence[Any]]
    unmet: str
    schema: Any = None
    by_backend: bool = False
    completed: Callable[[Any], Iterator[Any]] | None = None
    """With ``by_backend``: the values to try for one that is proposed."""


def satisfies_schema(root: Root, steps: tuple[str, ...], schema: Any, unmet: str) -> Condition:
    """Return the condition that a value satisfies a JSON schema."""
    return Condition(
        root, steps, lambda value: fits(value, schema), lambda: proposals(schema), unmet, schema
    )


def solve(
    conditions: Iterable[Condition], operation: Operation, env: Mapping[str, str]
) -> tuple[Assignment, ...]:
    """Return assignments that meet all conditions.

    Raises OutOfReach with the reason if none are known, and TooMuch if they would be too large.
    """
    trees: dict[Root, _Part] = {}
    conditions = tuple(conditions)
    usual = _met_by_every_dataset(conditions)
    counting = [each for each in conditions if _is_count(each)]
    for each in conditions:
        if each.root == DATASETS and (_is_count(each) or _place(each.steps) in usual):
            continue
        if each.root == ENV:
            _check_variable(each, env)
        else:
            root = _common_root(each, operation)
            trees.setdefault(root, _Part()).add(each, each.steps)
    # Any dataset will do, but there must be one.
    found = [Assignment(DATASETS, ())] if usual or DATASETS in trees else []
    if counting:
        found += _counted(counting, least=1 if found else 0)
    for root, tree in trees.items():
        _add_what_is_accepted(root, tree)
        for steps, part in tree.topmost():
            part.push_down()
            value = next(part.values(), _NOTHING)
            if value is _NOTHING:
                raise OutOfReach(part.unmet())
            chosen = JOB if part.is_about_the_job() else root
            found += (each for each in _leaves(chosen, steps, value) if not _is_usual(each))
    return tuple(found)


def _is_count(each: Condition) -> bool:
    return each.root == DATASETS and each.steps == ("length",)


def _counted(counting: Sequence[Condition], least: int) -> Iterator[Assignment]:
    """Yield the number of listed datasets that meets all conditions on it: 1, 2 or 0."""
    for number in (1, 2, 0):
        if number >= least and all(each.holds(number) for each in counting):
            yield Assignment(DATASETS, ("length",), number)
            return
    raise OutOfReach(f"{counting[0].unmet}, with two datasets at most")


def _place(steps: tuple[str, ...]) -> tuple[str, ...]:
    """Return where the value is in a dataset that a request chooses, or not."""
    of_lifecycle = steps[0] == "datasetlifecycle" and steps[1:2] and steps[1] in GIVEN_OF_LIFECYCLE
    return steps[: 2 if of_lifecycle else 1]


def _is_given(place: tuple[str, ...]) -> bool:
    return len(place) > 1 or place[0] in GIVEN_FIELDS


def _met_by_every_dataset(conditions: Iterable[Condition]) -> set[tuple[str, ...]]:
    """Return the places whose usual value, which a request cannot send, meets all conditions."""
    about = [each for each in conditions if each.root == DATASETS]
    met = {
        place
        for place in (_place(each.steps) for each in about)
        if _is_given(place) or isinstance(USUAL_DATASET.get(place[0]), list)
    }
    for each in about:
        found = list(_values_at(USUAL_DATASET, each.steps))
        if not found or not all(each.holds(value) for value in found):
            met.discard(_place(each.steps))
    return met


def _is_usual(each: Assignment) -> bool:
    """Return whether every dataset has this value in its lifecycle."""
    if each.root != DATASETS or each.steps[:1] != ("datasetlifecycle",) or len(each.steps) != 2:
        return False
    missing = object()
    return bool(USUAL_DATASET["datasetlifecycle"].get(each.steps[1], missing) == each.value)


def _values_at(value: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    if not steps:
        yield value
    elif isinstance(value, list):
        items = (
            value if steps[0] == "*" else value[int(steps[0]) :][:1] if steps[0].isdigit() else []
        )
        for item in items:
            yield from _values_at(item, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from _values_at(value[steps[0]], steps[1:])


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


def _add_what_is_accepted(root: Root, tree: _Part) -> None:
    accepted = OF_A_DATASET if root == DATASETS else OF_A_REQUEST
    if root == DATASETS:
        for name in tree.parts.keys() & set(CHOSEN_TIMES):
            tree.parts[name].given.append(_chosen_time(name))
        given = GIVEN_OF_LIFECYCLE & tree.parts.get("datasetlifecycle", _Part()).parts.keys()
        if given:
            raise OutOfReach(f"{min(given)} of a dataset is what the backend makes it")
    unknown = tree.parts.keys() - accepted.keys() - set(CHOSEN_TIMES)
    if root == DATASETS and unknown:
        name = min(unknown)
        if name in GIVEN_FIELDS:
            raise OutOfReach(f"{name} of a dataset is what the backend makes it")
        raise OutOfReach(f"no stored dataset has a field {name}")
    for name, schema in accepted.items():
        # Parts of a request may be lists or objects; these two are objects.
        if name in tree.parts and (name not in OBJECTS or "*" in tree.parts[name].parts):
            unmet = f"no value of {name} is known that would do and that the backend accepts"
            accepts = satisfies_schema(root, (name,), schema, unmet)
            accepts = replace(accepts, by_backend=True, completed=_COMPLETED.get(name))
            if name == "datasetlifecycle":
                accepts = replace(accepts, holds=partial(_accepts_lifecycle, schema))
            tree.parts[name].given.append(accepts)


def _chosen_time(name: str) -> Condition:
    """Return the condition that a value is a date, whatever is asked of it."""
    return Condition(
        DATASETS,
        (name,),
        lambda value: isinstance(value, DateValue),
        lambda: [A_DATE],
        f"{name} of a dataset is a date, which would not do",
        by_backend=True,
        completed=lambda _: iter((A_DATE,)),
    )


def _with_lifecycle(value: Any) -> Iterator[Any]:
    """Yield a lifecycle as it is proposed, and with what every new one has."""
    yield value
    if isinstance(value, dict):
        chosen = {key: each for key, each in value.items() if key not in GIVEN_OF_LIFECYCLE}
        yield {**USUAL_DATASET["datasetlifecycle"], **chosen}


def _accepts_lifecycle(schema: Any, value: Any) -> bool:
    """Return whether a request may have what is not usual in this lifecycle."""
    if not isinstance(value, dict):
        return False
    usual = USUAL_DATASET["datasetlifecycle"]
    chosen = {key: each for key, each in value.items() if each is not usual.get(key, _NOTHING)}
    return fits(chosen, schema)


def _as_addresses(value: Any) -> Iterator[Any]:
    """Yield a text, and addresses that contain it: a pattern is often about a part of them."""
    yield value
    if isinstance(value, str):
        domain = "elsewhere.example"
        yield from (f"contact{value}", f"{value}{domain}", f"contact{value}{domain}")
        yield from (f"{value}@{domain}", f"contact@{value}")


_COMPLETED: Mapping[str, Callable[[Any], Iterator[Any]]] = {
    **dict.fromkeys(ADDRESSES, _as_addresses),
    "datasetlifecycle": _with_lifecycle,
}


class _Nothing:
    """No value was found."""


_NOTHING = _Nothing()


@dataclass(slots=True)
class _Part:
    """The conditions on one value, and the parts of the value that have conditions."""

    given: list[Condition] = field(default_factory=list)
    parts: dict[str, _Part] = field(default_factory=dict)

    def add(self, condition: Condition, steps: tuple[str, ...]) -> None:
        if not steps:
            self.given.append(condition)
            return
        # The lists that a plan makes have one item.
        step = "*" if steps[0].isdigit() else steps[0]
        self.parts.setdefault(step, _Part()).add(condition, steps[1:])

    def topmost(self, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], _Part]]:
        """Yield the outermost parts that have conditions, with their steps."""
        for step, part in self.parts.items():
            if part.given:
                yield (*at, step), part
            else:
                yield from part.topmost((*at, step))

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
                yield _filled(deepcopy(base), dict(zip(steps, chosen, strict=True)))

    def unmet(self) -> str:
        """Return the sentence of the condition that cannot be met, or of all."""
        for part in self.parts.values():
            if next(part.values(), _NOTHING) is _NOTHING:
                return part.unmet()
        asked = _Part([each for each in self.given if not each.by_backend], self.parts)
        if asked.given and next(asked.values(), _NOTHING) is not _NOTHING:
            return next(each.unmet for each in self.given if each.by_backend)
        sentences = list(dict.fromkeys(each.unmet for each in asked.given or self.given))
        return " together with: ".join(sentences)

    def is_about_the_job(self) -> bool:
        """Return whether a condition here or below is about the stored job."""
        own = any(each.root == JOB for each in self.given)
        return own or any(part.is_about_the_job() for part in self.parts.values())


def _first_of(proposed: Callable[[], Sequence[Any]], most: int) -> Sequence[Any]:
    return proposed()[:most]


def _filled(base: Any, parts: dict[str, Any]) -> Any:
    """Return an object or list with these parts; ``*`` is every item, or every property."""
    item = parts.pop("*", _NOTHING)
    if isinstance(base, list):
        return [item] * max(len(base), 1) if item is not _NOTHING else parts
    every = {} if item is _NOTHING else dict.fromkeys(base or ("harness",), item)
    return {**base, **every, **parts}


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
