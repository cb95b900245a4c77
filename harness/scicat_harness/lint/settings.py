"""Env files: the variables of a backend, and the line of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scicat_harness.lint.document import read_text
from scicat_harness.lint.finding import Place

__all__ = ["EnvFile", "read_env"]

# The syntax of .env files, which the backend reads as well (specification: environment.jobs).
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*?)\s*$")
_COMMENT = re.compile(r"\s+#.*$")


@dataclass(frozen=True, slots=True)
class EnvFile:
    """The variables of an env file; ``repr`` leaves out their values, which may be secrets."""

    file: Path
    values: Mapping[str, str] = field(repr=False)
    lines: Mapping[str, int]
    text: str = field(repr=False)

    def place(self, name: str) -> Place:
        """Return the line that sets a variable, or the first line."""
        return Place(self.file, self.lines.get(name, 1), 1)

    def groups(self, name: str) -> tuple[str, ...]:
        """Return the names in a list of groups, split at commas and trimmed."""
        return tuple(
            part for each in self.values.get(name, "").split(",") if (part := each.strip())
        )


def read_env(file: Path) -> EnvFile:
    """Read a file of ``NAME=value`` lines.

    ``export`` before a name, quotes and comments are accepted; the last line of a name wins. Other
    lines are skipped. Raises UsageFault if the file cannot be read.
    """
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
            # Without a closing quote the opening one is a part of the value.
            end = value.find(quote, 1)
            if end > 0:
                return value[1:end]
    return _COMMENT.sub("", value) if not value.startswith("#") else ""
