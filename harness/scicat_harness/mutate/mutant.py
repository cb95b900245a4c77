"""A mutant: one small change of one source file of the backend."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Mutant", "Place", "by_file"]


@dataclass(frozen=True, slots=True)
class Place:
    """A range of a source file: lines and columns from 0, the end not included."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int

    @classmethod
    def parse(cls, location: Mapping[str, Any]) -> Place:
        """Return the place of Stryker's ``{start: {line, column}, end: {line, column}}``."""
        start, end = location["start"], location["end"]
        return cls(start["line"], start["column"], end["line"], end["column"])


@dataclass(frozen=True, slots=True)
class Mutant:
    """``replacement`` stands for what is at ``place`` in ``file``, a path below the checkout.

    ``kind`` is Stryker's name of the mutation, such as ``ConditionalExpression``. ``original`` is
    the source text that is replaced.
    """

    id: str
    file: str
    kind: str
    place: Place
    original: str
    replacement: str

    @classmethod
    def parse(cls, data: Mapping[str, Any], root: Path, texts: Mapping[str, str]) -> Mutant:
        """Return the mutant of Stryker's description; ``texts`` are the sources by file."""
        file = str(Path(data["fileName"]).relative_to(root))
        place = Place.parse(data["location"])
        return cls(
            id=data["id"],
            file=file,
            kind=data["mutatorName"],
            place=place,
            original=_at(texts[file], place),
            replacement=data["replacement"],
        )

    @property
    def line(self) -> int:
        """The line of the file at which it begins, from 1."""
        return self.place.start_line + 1

    def applied(self, text: str) -> str:
        """Return the source text of its file with the mutant in it."""
        lines = text.split("\n")
        before = "\n".join([*lines[: self.place.start_line], self._head(lines)])
        after = "\n".join([self._tail(lines), *lines[self.place.end_line + 1 :]])
        return before + self.replacement + after

    def diff(self, text: str, around: int = 1) -> list[str]:
        """Return the lines of a unified diff without its header; ``text`` is that of its file."""
        lines = difflib.unified_diff(
            text.split("\n"), self.applied(text).split("\n"), lineterm="", n=around
        )
        return [line for line in lines if not line.startswith(("---", "+++"))]

    def _head(self, lines: list[str]) -> str:
        return lines[self.place.start_line][: self.place.start_column]

    def _tail(self, lines: list[str]) -> str:
        return lines[self.place.end_line][self.place.end_column :]

    def __str__(self) -> str:
        return f"{self.id} {self.file}:{self.line} {self.kind}"


def _at(text: str, place: Place) -> str:
    lines = text.split("\n")[place.start_line : place.end_line + 1]
    # The end first: on one line, cutting the start would move it.
    lines[-1] = lines[-1][: place.end_column]
    lines[0] = lines[0][place.start_column :]
    return "\n".join(lines)


def by_file(mutants: Iterable[Mutant]) -> dict[str, list[Mutant]]:
    """Return the mutants by file, in the order of the files' names."""
    found: dict[str, list[Mutant]] = {}
    for each in sorted(mutants, key=lambda one: (one.file, int(one.id))):
        found.setdefault(each.file, []).append(each)
    return found
