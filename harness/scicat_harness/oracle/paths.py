"""Paths and schemas: what a JSONPath selects, and whether it satisfies a schema.

Sources: RFC 9535 for the paths; JSON Schema draft 7, with the keyword ``nullable`` of OpenAPI;
observed v5.2.1 for filters that look into nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from jsonpath import JSONPathError, findall

from scicat_harness.oracle.javascript import UNDEFINED
from scicat_harness.oracle.schemas import fits
from scicat_harness.oracle.work import TooMuch, spend

__all__ = ["distinct", "filter_fails", "first_wrong", "satisfies", "select"]

_FILTER = re.compile(r"^(?P<list>.+?)\[\?\(@\.(?P<asked>[\w.]+)")

_LONGEST = 1_000
_WIDENING = re.compile(r"\.\.|\*|\?")
_MOST_WIDENINGS = 4
"""Each may multiply what is found by the size of the whole."""
_MATCHING = re.compile(r"=~|\b(?:match|search)\s*\(")


def select(path: str, root: object) -> list[object]:
    """The values at a path, which may leave out the root; TooMuch for what cannot be told."""
    spend(len(path))
    if len(path) > _LONGEST or len(_WIDENING.findall(path)) > _MOST_WIDENINGS:
        raise TooMuch("a path goes through too much")
    if _MATCHING.search(path):
        raise TooMuch("a path filters by a pattern")
    try:
        return list(findall(path if path.startswith("$") else f"$.{path}", root))  # type: ignore[arg-type]
    except (JSONPathError, RecursionError, ValueError, TypeError) as error:
        told = f"{error}".splitlines()[0][:80] if f"{error}" else type(error).__name__
        raise TooMuch(f"a path cannot be followed here: {told}") from None


def distinct(values: list[object]) -> list[object]:
    """The values without repetitions; lists and objects are all distinct, as in JavaScript."""
    found: list[object] = []
    for value in values:
        scalar = not isinstance(value, list | dict)
        if not scalar or not any(value == each and type(value) is type(each) for each in found):
            found.append(value)
    return found


def satisfies(value: object, schema: Mapping[str, Any]) -> bool:
    """Whether a value satisfies a schema."""
    return fits(None if value is UNDEFINED else value, schema)


def first_wrong(
    looked_at: Iterable[tuple[str, Mapping[str, Any], object]],
) -> tuple[str | None, str | None]:
    """The first path that is missing, or the first with a wrong value; only one of them is set."""
    for path, schema, root in looked_at:
        found = select(path, root)
        if not found:
            return path, None
        if not all(satisfies(value, schema) for value in found):
            return None, path
    return None, None


def filter_fails(path: str, root: object) -> bool:
    """Whether a filter of the path asks null, or what is not there, for a property.

    In JavaScript that is an error, not a filter that does not match.
    """
    filtered = _FILTER.match(path)
    if filtered is None:
        return False
    asked = filtered["asked"].split(".")
    return any(_fails(item, asked) for item in select(f"{filtered['list']}[*]", root))


def _fails(item: object, asked: list[str]) -> bool:
    for name in asked:
        if item is None or item is UNDEFINED:
            return True
        item = item.get(name, UNDEFINED) if isinstance(item, dict) else UNDEFINED
    return False
