"""The depth of stored documents: deeper ones than any run writes cannot be written out again."""

from __future__ import annotations

from typing import Any

__all__ = ["refuse_depth"]

_DEEPEST = 100


def refuse_depth(document: Any) -> None:
    """Raise ValueError where plain data are nested deeper than reports can show."""
    level = [document]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return
    raise ValueError(f"is nested more than {_DEEPEST} levels deep")


def _within(value: Any) -> list[Any]:
    """The lists and objects directly inside of a value."""
    inner = value.values() if isinstance(value, dict) else value
    return [each for each in inner if isinstance(each, dict | list)]
