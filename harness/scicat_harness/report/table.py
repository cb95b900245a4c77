"""The table identity x job type: observed outcomes of create and update, and differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scicat_harness.report.summary import Summary

__all__ = ["LEGEND", "Grid", "grid", "heading"]

LEGEND = "A allow   D deny   I invalid   ! differs from the specification   . not tried"

_LETTERS = (("allow", "A"), ("deny", "D"), ("invalid", "I"))


@dataclass(frozen=True, slots=True)
class Grid:
    """One table: ``columns`` are job types, ``rows`` identities with one cell per column.

    Cells are texts such as ``AD!``; LEGEND explains the letters.
    """

    operation: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def grid(
    summary: Summary, operation: str, identities: Sequence[str], job_types: Sequence[str]
) -> Grid:
    """Return the table of an operation, create or update.

    Identities and job types that were not tried are left out; the others keep the given order.
    """
    # Empty rows and columns of a narrowed run would hide the others.
    tried = [key for key in summary.cells if key[0] == operation]
    columns = tuple(name for name in job_types if any(key[2] == name for key in tried))
    rows = tuple(
        (identity, tuple(_cell(summary.cells.get((operation, identity, name))) for name in columns))
        for identity in identities
        if any(key[1] == identity for key in tried)
    )
    return Grid(operation, columns, rows)


def heading(job_type: str) -> str:
    """Return a job type without the prefix and suffixes that most columns have in common."""
    return job_type.removeprefix("all_access.").removesuffix("_access").removesuffix("_update")


def _cell(seen: Counter[str] | None) -> str:
    if seen is None:
        return "."
    # In the order of LEGEND, so that equal outcomes make equal cells.
    letters = "".join(letter for decision, letter in _LETTERS if seen[decision])
    return f"{letters}!" if seen["differs"] else letters
