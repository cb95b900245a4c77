"""Env files: names and values, and the line of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scicat_harness.lint.document import read_text
from scicat_harness.lint.finding import Place

__all__ = ["EnvFile", "read_env"]

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*?)\s*$")
_COMMENT = re.compile(r"\s+#.*$")


@dataclass(frozen=True, slots=True)
class EnvFile:
    """An environment; values are never shown by repr."""

    file: Path
    values: Mapping[str, str] = field(repr=False)
    lines: Mapping[str, int]
    text: str = field(repr=False)

    def place(self, name: str) -> Place:
        """The line that sets a variable, else the first."""
        return Place(self.file, self.lines.get(name, 1), 1)

    def groups(self, name: str) -> tuple[str, ...]:
        """A list of groups, without blanks."""
        return tuple(
            part for each in self.values.get(name, "").split(",") if (part := each.strip())
        )


def read_env(file: Path) -> EnvFile:
    """Read a file of ``NAME=value`` lines; raises UsageFault where it cannot be read."""
    text = read_text(file, "a file of NAME=value lines")
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.match(line)
        if found:
            name, value = found.groups()
            values[name], lines[name] = _unquoted(value), number
    return EnvFile(file, values, lines, text)


def _unquoted(value: str) -> str:
    for quote in "\"'`":
        if value.startswith(quote):
            end = value.find(quote, 1)
            if end > 0:
                return value[1:end]
    return _COMMENT.sub("", value) if not value.startswith("#") else ""
