"""Findings of the linter: rule, severity, place, sentence, fix and source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

__all__ = ["Edit", "Finding", "FindingSeverity", "Place"]


# Numbers, so that --fail-on can compare; reports only show the names.
class FindingSeverity(IntEnum):
    """The severity of a finding, in rising order; as text it is lower case."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> FindingSeverity:
        """Return the severity of a name in any case; raises KeyError for another name."""
        return cls[name.upper()]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file; line and column count from 1. Places sort by file and position."""

    file: Path
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement in a file: the characters from ``start`` up to, not including, ``end``."""

    file: Path
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One error, risk or note about a job configuration.

    ``stops`` is true if the backend does not start because of it. ``edits`` make the fix; without
    edits ``--fix`` leaves it to the user.
    """

    rule: str
    severity: FindingSeverity
    place: Place
    sentence: str
    fix: str
    source: str
    subject: str = ""
    """The part that it is about, such as ``archive create.actions[0]``."""
    stops: bool = False
    edits: tuple[Edit, ...] = ()
