"""Values that violate a schema, for the requests that a validation must refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from scicat_harness.facility.references import inlined
from scicat_harness.facility.samples import (
    LARGEST,
    MOST_PROPOSALS,
    MOST_STEPS,
    PLAIN,
    ValueSearch,
    fits,
    satisfying,
)
from scicat_harness.oracle.work import bounded

__all__ = ["violations"]

_FILLING = "harness"
_MOST_WRONG = 2
"""Most wrong values of one property."""


def violations(schema: Any) -> list[Any]:
    """Return values that violate a schema, those that resemble a satisfying one first.

    Such a value, a number one off for example, changes little else of the request. Raises TooMuch
    like ``satisfying``.
    """
    right = satisfying(schema)
    near: list[Any] = []
    if isinstance(right, bool):
        near = [not right]
    elif isinstance(right, str):
        near = [f"not-{right}", right.upper(), *_of_other_lengths(right, schema)]
    elif isinstance(right, int | float):
        near = [right - 1, right + 1, *_at_bounds(schema)]
    elif isinstance(right, dict):
        near = list(_wrong_inside(right, inlined(schema)))
    elif isinstance(right, list):
        near = [right[:-1], [*right, _FILLING], [_FILLING] * len(right)]
    with bounded(MOST_STEPS, "finding a value"):
        excluded = islice(_excluded(inlined(schema)), MOST_PROPOSALS)
        beyond = _beyond(inlined(schema))
        return [each for each in (*near, *beyond, *PLAIN, *excluded) if not fits(each, schema)]


def _beyond(schema: Any) -> Iterator[Any]:
    """Yield values beyond the limits of a schema, which need not name a type."""
    if not isinstance(schema, Mapping):
        return
    yield from _at_bounds(schema)
    for name, made in (("maxLength", "x"), ("maxItems", [_FILLING])):
        most = schema.get(name)
        if isinstance(most, int) and 0 <= most < LARGEST:
            yield made * (most + 1)


def _of_other_lengths(right: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield a shorter text, and one that is too long."""
    yield right[:1]
    most = schema.get("maxLength")
    if isinstance(most, int) and len(right) <= most < LARGEST:
        yield right.ljust(most + 1, "x")


def _at_bounds(schema: Mapping[str, Any]) -> Iterator[float]:
    """Yield numbers just beyond the bounds of a schema, the upper ones first."""
    for name, beyond in (
        *(("maximum", 1), ("exclusiveMaximum", 0)),
        *(("minimum", -1), ("exclusiveMinimum", 0)),
    ):
        bound = schema.get(name)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            yield bound + beyond


def _excluded(schema: Any) -> Iterator[Any]:
    """Yield values that a schema excludes by ``not``."""
    if not isinstance(schema, Mapping):
        return
    if "not" in schema:
        yield from ValueSearch().proposed(schema["not"])
    for each in schema.get("allOf") or ():
        yield from _excluded(each)


def _wrong_inside(right: dict[str, Any], schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield objects with one property that is wrong, then with one that is missing."""
    known = schema.get("properties")
    for name, inner in (known if isinstance(known, Mapping) else {}).items():
        for wrong in violations(inner)[:_MOST_WRONG] if isinstance(inner, Mapping) else ():
            yield {**right, name: wrong}
    for name in right:
        yield {key: value for key, value in right.items() if key != name}
