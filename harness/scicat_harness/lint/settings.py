"""The environment of a backend: the variables of one or several env files, and their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scicat_harness.dotenv import variables
from scicat_harness.errors import UsageFault
from scicat_harness.lint.deployed import deployed_variables, is_deployment
from scicat_harness.lint.document import read_text
from scicat_harness.lint.finding import Place

__all__ = ["EnvFile", "Environment", "read_env", "read_environment"]


@dataclass(frozen=True, slots=True)
class EnvFile:
    """The variables of an env file; ``repr`` leaves out their values, which may be secrets."""

    file: Path
    values: Mapping[str, str] = field(repr=False)
    lines: Mapping[str, int]
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables of env files; where several set one, the last file counts, as for containers.

    ``files`` is never empty.
    """

    files: tuple[EnvFile, ...]
    values: Mapping[str, str] = field(repr=False)

    def file_of(self, name: str) -> EnvFile:
        """Return the file that sets a variable, or the first file."""
        return next((each for each in reversed(self.files) if name in each.values), self.files[0])

    def place(self, name: str) -> Place:
        """Return the line that sets a variable, or the first line of the first file."""
        file = self.file_of(name)
        return Place(file.file, file.lines.get(name, 1), 1)

    def groups(self, name: str) -> tuple[str, ...]:
        """Return the names in a list of groups, split at commas and trimmed."""
        return tuple(
            part for each in self.values.get(name, "").split(",") if (part := each.strip())
        )


def read_environment(files: Sequence[Path]) -> Environment | None:
    """Read env files; None where there is none.

    Raises UsageFault if one cannot be read, or has no line ``NAME=value``: it is another file.
    """
    if not files:
        return None
    found = tuple(read_env(each) for each in files)
    for each in found:
        if each.text.strip() and not each.values:
            raise UsageFault(
                f"{each.file}: has no line NAME=value; give the environment of the backend"
            )
    values = {name: value for each in found for name, value in each.values.items()}
    return Environment(found, values)


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
