"""Numbers that the bounds of a schema suggest."""

from __future__ import annotations

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
        bound = schema.get(name)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            yield bound + step
    low, high = _bound(schema, "inimum"), _bound(schema, "aximum")
    if low is not None and high is not None:
        yield (low + high) / 2
    yield 1


def _bound(schema: Mapping[str, Any], ending: str) -> float | None:
    """Return the lower or upper bound of a schema, whether it is one of the numbers or not."""
    found = [
        schema[name]
        for name in (f"m{ending}", f"exclusiveM{ending}")
        if isinstance(schema.get(name), int | float) and not isinstance(schema[name], bool)
    ]
    return found[0] if found else None
