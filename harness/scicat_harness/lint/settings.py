"""Env files: the variables of a backend, and the line of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scicat_harness.dotenv import variables
from scicat_harness.lint.deployed import deployed_variables, is_deployment
from scicat_harness.lint.document import read_text
from scicat_harness.lint.finding import Place

__all__ = ["EnvFile", "read_env"]


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
    """Read a file of ``NAME=value`` lines as the backend does; the last line of a name counts.

    A YAML file is read as a compose file or as Helm values. Raises UsageFault if the file cannot be
    read. Source: specification: environment.jobs.
    """
    text = read_text(file, "a file of NAME=value lines")
    if is_deployment(file):
        deployed = deployed_variables(file, text)
        lines = {each.name: max(each.line, 1) for each in deployed}
        return EnvFile(file, {each.name: each.value for each in deployed}, lines, text)
    found = list(variables(text))
    values = {each.name: each.value for each in found}
    return EnvFile(file, values, {each.name: each.line for each in found}, text)
