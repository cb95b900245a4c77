"""What a deployment needs of a started backend: a process of this machine, or a container."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Protocol

from scicat_harness.errors import EnvironmentFault

__all__ = ["ERRORS", "Running", "died", "last_lines"]

_LAST_LINES = 12
ERRORS = ".errors.log"
"""How the file beside a log ends that has the errors, where they are kept apart."""


class Running(Protocol):
    """Something that was started, whose output goes to a log file."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    @property
    def log(self) -> Path:
        """Where its output goes."""

    @property
    def ended(self) -> threading.Event:
        """Set once it has ended and all of its output is written."""

    @property
    def exit_code(self) -> int | None:
        """The exit code, or None while it runs."""

    def output(self) -> str:
        """Everything it printed."""

    def last_lines(self) -> str:
        """The end of the log, for an error message."""

    def died(self) -> EnvironmentFault:
        """The error that says how it ended."""

    def stop(self) -> None:
        """End it; safe to call twice."""


def last_lines(output: str, count: int = _LAST_LINES) -> str:
    """The end of what was printed, for an error message."""
    lines = output.splitlines()[-count:] or ["(no output)"]
    return "\n".join(f"  | {line}" for line in lines)


def died(running: Running) -> EnvironmentFault:
    """The error that says how something ended."""
    return EnvironmentFault(
        f"{running.name} ended with exit code {running.exit_code}; its last lines were:\n"
        f"{running.last_lines()}"
    )
