"""What the backend itself makes of conditions: what it accepts, adds and gives to every dataset.

A condition on a value that every dataset has, such as a time, is met without a choice, or never.
The others are joined by what the API accepts. Source: specification: datasets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
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
from scicat_harness.facility.conditions import (
    DATASETS,
    Assignment,
    Condition,
    OutOfReach,
    Root,
    satisfies_schema,
)
from scicat_harness.facility.samples import fits
from scicat_harness.oracle.datasets import CHOSEN_TIMES
from scicat_harness.oracle.javascript import UNDEFINED, DateValue

__all__ = ["absent_or", "accepted_conditions", "number_of_datasets", "only_chosen", "sorted_out"]

_LIFECYCLE = "datasetlifecycle"
_ALWAYS_SENT = ("statusCode", "statusMessage", "jobParams", "jobResultObject")
"""Keys that every request of a plan has, or that its update stores in any case."""
_USUAL_LIFECYCLE: Mapping[str, Any] = USUAL_DATASET[_LIFECYCLE]


def sorted_out(
    conditions: Iterable[Condition],
) -> tuple[list[Condition], list[Condition], list[Condition]]:
    """Return the conditions that every dataset meets, those on the number of datasets, and others.

    A dataset has the former by itself: a request cannot choose the value.
    """
    conditions = list(conditions)
    counting = [each for each in conditions if each.root == DATASETS and each.steps == ("length",)]
    about = [each for each in conditions if each.root == DATASETS and each not in counting]
    places = _met_by_every_dataset(about)
    given = [each for each in about if _place(each.steps) in places]
    return given, counting, [each for each in conditions if each not in (*given, *counting)]


def number_of_datasets(counting: Sequence[Condition], least: int) -> Assignment:
    """Return the number of listed datasets that meets all conditions on it: 1, 2 or 0.

    Raises OutOfReach if none of them, or none from ``least`` on, does.
    """
    for number in (1, 2, 0):
        if number >= least and all(each.holds(number) for each in counting):
            return Assignment(DATASETS, ("length",), number)
    raise OutOfReach(f"{counting[0].unmet}, with two datasets at most")


def _met_by_every_dataset(about: Sequence[Condition]) -> set[tuple[str, ...]]:
    """Return the places whose usual value, which a request cannot send, meets all conditions."""
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


def _place(steps: tuple[str, ...]) -> tuple[str, ...]:
    """Return where the value is that a request chooses as a whole, or cannot choose."""
    given = steps[0] == _LIFECYCLE and steps[1:2] and steps[1] in GIVEN_OF_LIFECYCLE
    return steps[: 2 if given else 1]


def _is_given(place: tuple[str, ...]) -> bool:
    return len(place) > 1 or place[0] in GIVEN_FIELDS


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


def accepted_conditions(root: Root, names: Mapping[str, Collection[str]]) -> Iterator[Condition]:
    """Yield what the backend accepts of these fields, each with the names of its parts.

    Raises OutOfReach for a field of a dataset that no request chooses.
    """
    if root == DATASETS:
        _check_chosen(names)
        yield from (_chosen_time(name) for name in CHOSEN_TIMES if name in names)
    for name, schema in (OF_A_DATASET if root == DATASETS else OF_A_REQUEST).items():
        # Parts of a request may be lists or objects; these two are objects.
        inside = names.get(name)
        if inside is None or (name in OBJECTS and inside and "*" not in inside):
            continue
        unmet = f"the harness found no value of {name} that would do and that the backend accepts"
        accepts = satisfies_schema(root, (name,), schema, unmet)
        accepts = replace(accepts, by_backend=True, completed=_COMPLETED.get(name))
        if name == _LIFECYCLE:
            accepts = replace(accepts, holds=partial(_accepts_lifecycle, schema))
        elif root != DATASETS and name not in _ALWAYS_SENT:
            accepts = replace(accepts, holds=partial(absent_or, accepts.holds))
        yield accepts


def absent_or(holds: Callable[[Any], bool], value: Any) -> bool:
    """Return whether there is no value, or one that ``holds``."""
    return value is UNDEFINED or holds(value)


def _check_chosen(names: Mapping[str, Collection[str]]) -> None:
    given = GIVEN_OF_LIFECYCLE.intersection(names.get(_LIFECYCLE, ()))
    unknown = names.keys() - OF_A_DATASET.keys() - set(CHOSEN_TIMES)
    for name in sorted((*given, *unknown)):
        if name in given or name in GIVEN_FIELDS:
            raise OutOfReach(f"{name} of a dataset is what the backend makes it")
        raise OutOfReach(f"no stored dataset has a field {name}")


def only_chosen(root: Root, steps: tuple[str, ...], value: Any) -> Any:
    """Return a value without what every new lifecycle has, if it was completed with that."""
    if root != DATASETS or steps != (_LIFECYCLE,) or GIVEN_OF_LIFECYCLE.isdisjoint(value):
        return value
    return {key: each for key, each in value.items() if each != _USUAL_LIFECYCLE.get(key)}


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
        yield {**_USUAL_LIFECYCLE, **chosen}


def _accepts_lifecycle(schema: Any, value: Any) -> bool:
    """Return whether a request may have what is not usual in this lifecycle."""
    if not isinstance(value, dict):
        return False
    chosen = {key: each for key, each in value.items() if each != _USUAL_LIFECYCLE.get(key)}
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
    _LIFECYCLE: _with_lifecycle,
}
