"""The depth of stored documents.

Python's JSON encoder raises RecursionError for documents that are nested too deep. Documents beyond
any that a run writes are therefore refused when they are read.
"""

from __future__ import annotations

from typing import Any

__all__ = ["refuse_depth"]

_DEEPEST = 100
"""Levels of lists and objects; far below the recursion limit of Python, 1,000 by default."""


def refuse_depth(document: Any) -> None:
    """Raise ValueError if plain data are nested deeper than reports can show.

    The limit is 100 levels of lists and objects.
    """
    # Level by level, since a recursive function would itself fail on deep documents.
    level = [document]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return
    raise ValueError(f"is nested more than {_DEEPEST} levels deep")


def _within(value: Any) -> list[Any]:
    """Return the lists and objects directly inside a list or object."""
    inner = value.values() if isinstance(value, dict) else value
    return [each for each in inner if isinstance(each, dict | list)]
