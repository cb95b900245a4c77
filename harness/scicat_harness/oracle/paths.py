"""Paths: the values that a JSONPath selects, and their validation by schemas.

Sources: specification: action.validate; RFC 9535 for the paths; JSON Schema draft 7, with the
keyword ``nullable`` of OpenAPI; observed v5.2.1 for filters that ask null for a property.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jsonpath import JSONPathError, findall

from scicat_harness.oracle.javascript import UNDEFINED
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

_TIME_OF_A_DATASET = re.compile(
    r"\b(?:creationTime|createdAt|updatedAt|dateOfDiskPurging|archiveRetentionTime"
    r"|dateOfPublishing|publishedOn)\b"
)

# Bounds on paths, which come from configurations of others (see oracle.work).
_LONGEST = 1_000
_WIDENING = re.compile(r"\.\.|\*|\?")
_MOST_WIDENINGS = 4
"""Each of them may multiply the number of values by the size of the document."""
_LENGTH = re.compile(r"\.length$")
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
    if "datasets" in path and _TIME_OF_A_DATASET.search(path):
        raise TooMuch("the times of a dataset are known to the backend only")
    spend(len(path))
    if len(path) > _LONGEST or len(_WIDENING.findall(path)) > _MOST_WIDENINGS:
        raise TooMuch("a path is too long or has too many wildcards")
    if _MATCHING.search(path):
        raise TooMuch("a path filters by a pattern")
    if _LENGTH.search(path):
        # The backend's library takes it for the property that lists have in JavaScript.
        if _FURTHER:
            return list(_FURTHER[-1](path, root))
        raise TooMuch("a path ends in length")
    try:
        return list(findall(path if path.startswith("$") else f"$.{path}", root))  # type: ignore[arg-type]
    except (JSONPathError, RecursionError, ValueError, TypeError) as error:
        if _FURTHER:
            return list(_FURTHER[-1](path, root))
        # One short line, because it becomes the reason of a case in reports.
        reason = f"{error}".splitlines()[0][:80] if f"{error}" else type(error).__name__
        raise TooMuch(f"a path cannot be followed here: {reason}") from None


def distinct(values: list[object]) -> list[object]:
    """Return the values without repetitions, in order.

    Lists and objects are all distinct, as in JavaScript, where they are compared by identity.
    """
    found: list[object] = []
    for value in values:
        scalar = not isinstance(value, list | dict)
        # The types are compared, too: in Python True == 1.
        if not scalar or not any(value == each and type(value) is type(each) for each in found):
            found.append(value)
    return found


def satisfies(value: object, schema: Mapping[str, Any]) -> bool:
    """Return whether a value satisfies a schema; raise TooMuch if that cannot be decided."""
    # The schema library knows JSON values only. UNDEFINED is of no type for it, as in JavaScript.
    return fits(value, schema)


def first_wrong(
    looked_at: Iterable[tuple[str, Mapping[str, Any], object]],
) -> tuple[str | None, str | None]:
    """Return the first path without a value, and the first path with a wrong value.

    Each item of ``looked_at`` is a path, a schema and the document that the path starts from. The
    first failure ends the search, so at most one of the results is set.
    """
    for path, schema, root in looked_at:
        found = select(path, root)
        # Of the documents that paths start from, only a dataset has a pid.
        of_a_dataset = isinstance(root, dict) and "pid" in root
        # An empty schema takes a date as well as anything else.
        timely = schema and _TIME_OF_A_DATASET.search(f"{path} {schema}")
        if of_a_dataset and timely:
            raise TooMuch("the times of a dataset are known to the backend only")
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
