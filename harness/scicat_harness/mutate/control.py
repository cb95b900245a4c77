"""The sockets of backends with mutants (``control.cjs``), from the side of the harness."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scicat_harness.errors import EnvironmentFault

__all__ = ["Control"]

_DEADLINE = 30.0
"""Seconds for an answer; a backend that computes without an end gives none."""


class Control:
    """Speaks to all running backends whose sockets are in a folder, and to those that start later.

    Raises EnvironmentFault where a running backend does not answer within 30 s.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def activate(self, mutant: str | None) -> int:
        """Make this mutant the active one, or none; return how many backends have heard it."""
        return len(self._say("active", mutant))

    def announce(self, test: str | None) -> None:
        """Let the requests that follow belong to this check, or to none."""
        self._say("test", test)

    @contextmanager
    def active(self, mutant: str) -> Iterator[None]:
        """Make a mutant active within the body."""
        self.activate(mutant)
        try:
            yield
        finally:
            self.activate(None)

    def coverage(self) -> list[dict[str, Any]]:
        """Return the coverage of each running backend, and of those that have ended."""
        ended = [
            json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(self.folder.glob("*.json"))
        ]
        return [*(answer for _, answer in self._ask({"coverage": True})), *ended]

    def _say(self, name: str, value: str | None) -> list[Path]:
        (self.folder / name).write_text(value or "", encoding="utf-8")
        return [path for path, _ in self._ask({name: value})]

    def _ask(self, message: dict[str, Any]) -> list[tuple[Path, dict[str, Any]]]:
        answers = []
        for path in sorted(self.folder.glob("*.sock")):
            answer = _answer(path, json.dumps(message))
            if answer is not None:
                answers.append((path, answer))
        return answers


def _answer(path: Path, line: str) -> dict[str, Any] | None:
    """Return the answer to one line; None where no process listens there any more."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_DEADLINE)
        try:
            connection.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            # The socket of a backend that was killed.
            path.unlink(missing_ok=True)
            return None
        except OSError as error:
            raise EnvironmentFault(f"{path}: cannot connect ({error})") from None
        try:
            connection.sendall(line.encode() + b"\n")
            with connection.makefile("r", encoding="utf-8") as answers:
                found: dict[str, Any] = json.loads(answers.readline())
        except (OSError, ValueError):
            raise EnvironmentFault(
                f"the backend of {path.name} did not answer within {_DEADLINE:g} s"
            ) from None
        return found
