"""A finding: what is wrong, where, why it is believed, and how to fix it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

__all__ = ["Edit", "Finding", "FindingSeverity", "Place"]


class FindingSeverity(IntEnum):
    """How bad it is, in rising order."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> FindingSeverity:
        """The severity of that name."""
        return cls[name.upper()]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file; line and column count from 1."""

    file: Path
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Text of a file to be replaced: characters from ``start`` up to before ``end``."""

    file: Path
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or risky.

    ``stops`` tells that the backend does not start with it; ``edits`` fix it.
    """

    rule: str
    severity: FindingSeverity
    place: Place
    sentence: str
    fix: str
    source: str
    subject: str = ""
    """What it is about, such as ``archive create.actions[0]``."""
    stops: bool = False
    edits: tuple[Edit, ...] = ()
