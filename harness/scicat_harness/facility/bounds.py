"""Numbers that the bounds of a schema suggest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["numbers"]


def numbers(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Yield numbers at the bounds of a schema and between them."""
    for name, step in (
        ("minimum", 0),
        ("exclusiveMinimum", 1),
        ("maximum", 0),
        ("exclusiveMaximum", -1),
        ("multipleOf", 0),
    ):
        if (bound := _number(schema, name)) is not None:
            yield bound + step
    yield from _multiples(schema)
    # Another schema may exclude the numbers at the bounds.
    for name, sign in (("minimum", 1), ("maximum", -1), ("exclusiveMinimum", 1)):
        if (bound := _number(schema, name)) is not None:
            yield from (bound + sign * each for each in (1, 2, 3))
    low = _first(schema, "minimum", "exclusiveMinimum")
    high = _first(schema, "maximum", "exclusiveMaximum")
    if low is not None and high is not None:
        yield (low + high) / 2
    yield 1


def _multiples(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Yield multiples that are just within the bounds."""
    step = _number(schema, "multipleOf")
    if step is None or step <= 0:
        return
    low = _first(schema, "minimum", "exclusiveMinimum")
    high = _first(schema, "maximum", "exclusiveMaximum")
    if low is not None and math.isfinite(low / step):
        first = math.ceil(low / step)
        yield from (first * step, (first + 1) * step)
    if high is not None and math.isfinite(high / step):
        last = math.floor(high / step)
        yield from (last * step, (last - 1) * step)


def _first(schema: Mapping[str, Any], *names: str) -> float | None:
    """Return the first of some bounds that a schema has."""
    found = (_number(schema, name) for name in names)
    return next((bound for bound in found if bound is not None), None)


def _number(schema: Mapping[str, Any], name: str) -> float | None:
    """Return a bound of a schema; None for one that is missing or no number."""
    bound = schema.get(name)
    # In a draft 4 schema, exclusiveMinimum is a boolean.
    return bound if isinstance(bound, int | float) and not isinstance(bound, bool) else None
