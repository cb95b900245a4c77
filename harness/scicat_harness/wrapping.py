"""Text as wide as the terminal."""

from __future__ import annotations

import shutil
import textwrap

__all__ = ["wrapped"]

_WIDTH = 100
"""Columns where there is no terminal."""
_NARROWEST, _WIDEST = 60, 120


def wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    """Return a text in lines that fit the terminal, or 100 columns.

    ``first`` and ``rest`` are the indents of the first line and of the others. Words such as paths
    are searched for and copied, so they are never broken.
    """
    columns = shutil.get_terminal_size((_WIDTH, 24)).columns
    return textwrap.wrap(
        text,
        min(max(columns, _NARROWEST), _WIDEST),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
