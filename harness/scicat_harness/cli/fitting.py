"""Tables that are wider than the terminal, as several of them below each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

__all__ = ["fitting"]

_BORDER = 3
"""Two blanks and a border for each column."""


def fitting(
    names: Iterable[str], words: Callable[[str], Iterable[str]], first: int, width: int
) -> Iterator[list[str]]:
    """Yield the columns in groups that fit beside each other, so that no word is cut.

    ``words`` has the words of a column, its heading included; ``first`` is the width of the column
    on the left, which every group repeats. A column that is too wide by itself is a group.
    """
    room = width - first - _BORDER - 1
    group: list[str] = []
    left = room
    for name in names:
        wide = max(len(each) for each in words(name)) + _BORDER
        if group and wide > left:
            yield group
            group, left = [], room
        group.append(name)
        left -= wide
    if group:
        yield group
