"""Mutants that no check of jobs can notice, each with the reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from scicat_harness.mutate.mutant import Mutant

__all__ = ["Equivalents"]

_FILE = Path(__file__).parent / "equivalent.toml"
# The head of a method, which has two blanks before it in a formatted source, or of a function.
_METHOD = re.compile(
    r"^(?:  (?:private |protected |public |async |static )*|(?:export )?(?:async )?function )"
    r"(\w+)[<(]"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A mutant: ``line`` without indentation, ``replacement`` with single blanks; * is anything.

    ``method`` and ``original`` are patterns of the name of its method and of what it replaces, for
    lines with several mutants.
    """

    file: str
    line: str
    replacement: str
    reason: str
    method: str = "*"
    original: str = "*"

    def names(self, mutant: Mutant, lines: Sequence[str]) -> bool:
        """Return whether it is this mutant."""
        return (
            (self.file, self.line) == (mutant.file, lines[mutant.place.start_line].strip())
            and self.replacement in ("*", " ".join(mutant.replacement.split()))
            and fnmatchcase(_method_of(mutant, lines), self.method)
            and fnmatchcase(" ".join(mutant.original.split()), self.original)
        )


@dataclass(frozen=True, slots=True)
class _Outside:
    """All mutants of some methods; ``method`` is a pattern of their names."""

    file: str
    method: str
    reason: str

    def names(self, mutant: Mutant, lines: Sequence[str]) -> bool:
        """Return whether the mutant is in such a method."""
        return self.file == mutant.file and fnmatchcase(_method_of(mutant, lines), self.method)


class Equivalents:
    """The list of mutants that nobody who uses jobs can notice.

    An entry names file, source line and replacement, or a method that is not about jobs. Numbers
    of lines and mutants would be others in the next release.
    """

    def __init__(
        self,
        mutants: Sequence[Mapping[str, str]] = (),
        outside: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self._entries: list[_Entry | _Outside] = [
            *(_Entry(**each) for each in mutants),
            *(_Outside(**each) for each in outside),
        ]

    @classmethod
    def read(cls, path: Path = _FILE) -> Equivalents:
        """Return the list of the package, or of another TOML file of the same form."""
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(data.get("mutant", ()), data.get("outside", ()))

    def reason(self, mutant: Mutant, text: str) -> str | None:
        """Return why nobody can notice a mutant of this source; None where no entry names it."""
        lines = text.split("\n")
        return next((each.reason for each in self._entries if each.names(mutant, lines)), None)


def _method_of(mutant: Mutant, lines: Sequence[str]) -> str:
    """Return the name of the method that a mutant is in; "" outside of all."""
    before = reversed(lines[: mutant.place.start_line + 1])
    head = next((found for line in before if (found := _METHOD.match(line))), None)
    return head[1] if head is not None else ""
