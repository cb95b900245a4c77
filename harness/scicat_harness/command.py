"""Run a command to its end, within a deadline that its own children cannot exceed.

After its timeout ``subprocess.run`` kills only the command itself, and then waits for every
descendant that still holds the output open.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.errors import DeadlineExceeded, EnvironmentFault

__all__ = ["Done", "run_command"]

_GRACE = 2.0
"""Seconds between SIGTERM and SIGKILL."""


@dataclass(frozen=True, slots=True)
class Done:
    """The exit code and output of a command.

    ``errors`` is empty when standard error was merged into ``output``. Bytes that are not UTF-8
    are replaced by U+FFFD.
    """

    code: int
    output: str
    errors: str = ""


def run_command(
    command: Sequence[str],
    *,
    seconds: float,
    env: Mapping[str, str],
    cwd: Path | None = None,
    merged: bool = False,
) -> Done:
    """Run a command to its end and return its exit code and output.

    A nonzero exit code is no error here. ``merged`` puts standard error into ``output``, in the
    order in which it was written. The environment is ``env`` alone; nothing is inherited.

    Raises EnvironmentFault when the command cannot be started, and DeadlineExceeded when it has
    not ended within ``seconds``; then it is ended together with everything it started.
    """
    try:
        process = subprocess.Popen(
            list(command),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE,
            # Ctrl-C reaches the harness only, and the whole session can be killed at once.
            start_new_session=True,
        )
    except OSError as error:
        raise EnvironmentFault(f"{command[0]!r} cannot be started ({error.strerror})") from None
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        # Two words name the command; further arguments may hold addresses with passwords.
        raise DeadlineExceeded(f"{' '.join(command[:2])} took more than {seconds:g} s") from None
    finally:
        _end(process)
    return Done(process.returncode, _text(output), _text(errors))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its session, unless it has ended by itself."""
    if process.poll() is None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
    # Closed by hand: after a timeout nobody reads the pipes to their end.
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _text(output: bytes | None) -> str:
    return (output or b"").decode("utf-8", "replace")
