"""The protocol of a started program, be it a child process or a container."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from scicat_harness.errors import DeadlineExceeded, EnvironmentFault

__all__ = ["ERRORS", "Running", "died", "last_lines", "wait_usable"]

_LAST_LINES = 12
_LONGEST_LINE = 500
_FRAME = re.compile(r"\s+at \S")
_ERROR = re.compile(r"Error\b|\bERROR\b")
_FIRST_DELAY = 0.01
_LONGEST_DELAY = 0.25
ERRORS = ".errors.log"
"""The suffix of the file beside a log that has standard error, where that is kept apart."""


class Running(Protocol):
    """A started program whose output goes to a log file (``Child``, ``RunningContainer``)."""

    @property
    def name(self) -> str:
        """The name in messages."""

    @property
    def log(self) -> Path:
        """The file of its output."""

    @property
    def ended(self) -> threading.Event:
        """Set once it has ended and all of its output is written."""

    @property
    def exit_code(self) -> int | None:
        """The exit code, or None while it runs."""

    def output(self) -> str:
        """Return everything it printed."""

    def last_lines(self) -> str:
        """Return the end of the log, for an error message."""

    def died(self) -> EnvironmentFault:
        """Return an error with the exit code and the last lines."""

    def stop(self) -> None:
        """End it; safe to call twice."""


def last_lines(output: str, count: int = _LAST_LINES) -> str:
    """Return the last ``count`` lines, each with a mark before it, for an error message.

    The frames of a JavaScript stack are left out, and the last line with an error comes first if
    it is not among them: a message may quote a whole template.
    """
    lines = [each for each in output.splitlines() if not _FRAME.match(each)]
    shown = lines[-count:] or ["(no output)"]
    if not any(_ERROR.search(each) for each in shown):
        shown = [each for each in lines[:-count] if _ERROR.search(each)][-1:] + shown
    return "\n".join(f"  | {line}" for line in map(_cut, shown))


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 3]}..."


def died(running: Running) -> EnvironmentFault:
    """Return an error with the exit code and the last lines of a program."""
    return EnvironmentFault(
        f"{running.name} ended with exit code {running.exit_code}; its last lines were:\n"
        f"{running.last_lines()}"
    )


def wait_usable(use: Callable[[], object], running: Running, deadline: float) -> None:
    """Return once ``use`` raises no EnvironmentFault.

    Raises EnvironmentFault at once when ``running`` has ended, DeadlineExceeded after ``deadline``
    seconds::

        wait_usable(lambda: ping(uri, 1.0), mongod, 30.0)
    """
    give_up = time.monotonic() + deadline
    delay = _FIRST_DELAY
    while True:
        try:
            use()
            return
        except EnvironmentFault as error:
            last = error
        if running.ended.wait(delay):
            raise running.died()
        if time.monotonic() >= give_up:
            raise DeadlineExceeded(
                f"{running.name} could not be used within {deadline:g} s (last: {last}); its last "
                f"lines were:\n{running.last_lines()}"
            )
        delay = min(delay * 2, _LONGEST_DELAY)
