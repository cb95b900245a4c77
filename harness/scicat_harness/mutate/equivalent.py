"""Mutants that nobody who uses the backend can notice, each with the reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.mutate.mutant import Mutant

__all__ = ["Equivalents"]

_FILE = Path(__file__).parent / "equivalent.toml"


@dataclass(frozen=True, slots=True)
class _Entry:
    file: str
    line: str
    """The source line at which the mutant begins, without its indentation."""
    replacement: str
    """With every run of white space as one blank; "*" stands for any."""
    reason: str


class Equivalents:
    """The list of equivalent mutants.

    An entry names the file, the source line and the replacement. Numbers of lines and mutants
    would be others in the next release.
    """

    def __init__(self, entries: Sequence[Mapping[str, str]]) -> None:
        self._entries = [_Entry(**each) for each in entries]

    @classmethod
    def read(cls, path: Path = _FILE) -> Equivalents:
        """Return the list of the package, or of another TOML file of the same form."""
        return cls(tomllib.loads(path.read_text(encoding="utf-8"))["mutant"])

    def reason(self, mutant: Mutant, text: str) -> str | None:
        """Return why nobody can notice a mutant; None where no entry names it."""
        line = text.split("\n")[mutant.place.start_line].strip()
        replacement = " ".join(mutant.replacement.split())
        for each in self._entries:
            if (each.file, each.line) == (mutant.file, line) and each.replacement in (
                "*",
                replacement,
            ):
                return each.reason
        return None
