"""Paths: the values that a JSONPath selects, and their validation by schemas.

Sources: specification: action.validate; RFC 9535 for the paths; JSON Schema draft 7, with the
keyword ``nullable`` of OpenAPI; observed v5.2.1 for filters that ask null for a property.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jsonpath import JSONPathError, findall

from scicat_harness.oracle.javascript import UNDEFINED, DateValue
from scicat_harness.oracle.schemas import fits
from scicat_harness.oracle.work import TooMuch, spend

__all__ = [
    "distinct",
    "filter_fails",
    "first_wrong",
    "follow_further_by",
    "satisfies",
    "select",
]

# A path up to its first filter, and the property that the filter asks for: ``$.list[?(@.a.b``.
_FILTER = re.compile(r"^(?P<list>.+?)\[\?\(@\.(?P<name>[\w.]+)")

# Bounds on paths, which come from configurations of others (see oracle.work).
_LONGEST = 1_000
_WIDENING = re.compile(r"\.\.|\*|\?")
_MOST_WIDENINGS = 4
"""Each of them may multiply the number of values by the size of the document."""
_LENGTH = re.compile(r"\.length$")
_FILTERED = re.compile(r"\?\(.*?\)\]", re.DOTALL)
# Filters by patterns: the library would run them with ``re``, where no step can be counted.
_MATCHING = re.compile(r"=~|\b(?:match|search)\s*\(")


# Follows paths that the library does not understand; the oracle itself starts no process.
_FURTHER: list[Callable[[str, object], Iterable[object]]] = []


def follow_further_by(follow: Callable[[str, object], Iterable[object]] | None) -> None:
    """Have paths that the library does not understand followed by ``follow``; None for nobody.

    It gets the path as it is written and the document, returns the values, and raises TooMuch for a
    path that it cannot follow, either.
    """
    _FURTHER[:] = [] if follow is None else [follow]


def select(path: str, root: object) -> list[object]:
    """Return the values at a path; the ``$`` at its beginning may be missing.

    ``select("a[*]", {"a": [1, 2]})`` is ``[1, 2]``. Raises TooMuch for a path that is too long, has
    too many wildcards, filters by a pattern, or is not understood by the library.
    """
    spend(len(path))
    if len(path) > _LONGEST or len(_WIDENING.findall(path)) > _MOST_WIDENINGS:
        raise TooMuch("a path is too long or has too many wildcards")
    if _MATCHING.search(path):
        raise TooMuch("a path filters by a pattern")
    if _LENGTH.search(path):
        # The backend's library takes it for the property that lists have in JavaScript.
        return _followed_further(path, root, "a path ends in length")
    if _filters_by_time(path, root):
        raise TooMuch("a path filters by a time of a dataset, which only the run knows")
    try:
        return list(findall(path if path.startswith("$") else f"$.{path}", root))  # type: ignore[arg-type]
    except (JSONPathError, RecursionError, ValueError, TypeError) as error:
        # One short line, because it becomes the reason of a case in reports.
        reason = f"{error}".splitlines()[0][:80] if f"{error}" else type(error).__name__
        return _followed_further(path, root, f"a path cannot be followed here: {reason}")


def _followed_further(path: str, root: object, reason: str) -> list[object]:
    if not _FURTHER:
        raise TooMuch(reason)
    return list(_FURTHER[-1](path, root))


def _filters_by_time(path: str, root: object) -> bool:
    filtered = _FILTERED.findall(path)
    return bool(filtered) and any(name in part for part in filtered for name in _dates(root))


def _dates(value: object) -> Iterator[str]:
    """Yield the names of the properties here and below that are dates."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            if isinstance(each, DateValue):
                yield str(name)
            yield from _dates(each)
    elif isinstance(value, list):
        for each in value:
            yield from _dates(each)


def distinct(values: list[object]) -> list[object]:
    """Return the values without repetitions, in order.

    Lists, objects and dates are all distinct, as in JavaScript, which compares them by identity.
    """
    found: list[object] = []
    for value in values:
        scalar = not isinstance(value, list | dict | DateValue)
        # The types are compared, too: in Python True == 1.
        if not scalar or not any(value == each and type(value) is type(each) for each in found):
            found.append(value)
    return found


def satisfies(value: object, schema: Mapping[str, Any] | bool) -> bool:
    """Return whether a value satisfies a schema; raise TooMuch if that cannot be decided."""
    # The schema library knows JSON values only. UNDEFINED is of no type for it, as in JavaScript.
    return fits(_without_dates(value), schema)


def _without_dates(value: object) -> object:
    """Return a value with an empty object in the place of each date."""
    if isinstance(value, DateValue):
        return {}
    if isinstance(value, dict):
        return {key: _without_dates(each) for key, each in value.items()}
    return [_without_dates(each) for each in value] if isinstance(value, list) else value


def first_wrong(
    looked_at: Iterable[tuple[str, Mapping[str, Any], object]],
) -> tuple[str | None, str | None]:
    """Return the first path without a value, and the first path with a wrong value.

    Each item of ``looked_at`` is a path, a schema and the document that the path starts from. The
    first failure ends the search, so at most one of the results is set.
    """
    for path, schema, root in looked_at:
        found = select(path, root)
        if not found:
            return path, None
        if not all(satisfies(value, schema) for value in found):
            return None, path
    return None, None


def filter_fails(path: str, root: object) -> bool:
    """Return whether the first filter of a path asks null or undefined for a property.

    In JavaScript that is an error, not a filter that does not match, and it ends the whole action
    (observed v5.2.1). Example: ``$.a[?(@.b.c)]`` with an item ``{"b": null}``.
    """
    filtered = _FILTER.match(path)
    if filtered is None:
        return False
    names = filtered["name"].split(".")
    return any(_fails(item, names) for item in select(f"{filtered['list']}[*]", root))


def _fails(item: object, names: list[str]) -> bool:
    for name in names:
        if item is None or item is UNDEFINED:
            return True
        item = item.get(name, UNDEFINED) if isinstance(item, dict) else UNDEFINED
    return False
