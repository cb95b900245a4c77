"""Commands that are run to their end: with a deadline that holds, whatever they started themselves.

``subprocess.run`` kills only the command it started when the time is over, and then waits for
whatever that one started and that still holds its output open.
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


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended: its exit code, and what it printed; ``errors`` may be in ``output``."""

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
    """Run a command to its end; ``merged``: errors stand in the output, in order.

    It is started in a session of its own: Ctrl-C is for us. Raises EnvironmentFault when it cannot
    be started, DeadlineExceeded when it has not ended within so many seconds; it is ended then,
    with everything that it started.
    """
    try:
        process = subprocess.Popen(
            list(command),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise EnvironmentFault(f"{command[0]!r} cannot be started ({error.strerror})") from None
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise DeadlineExceeded(f"{' '.join(command[:2])} took more than {seconds:g} s") from None
    finally:
        _end(process)
    return Done(process.returncode, _text(output), _text(errors))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and its session, unless it has ended by itself."""
    if process.poll() is None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _text(said: bytes | None) -> str:
    return (said or b"").decode("utf-8", "replace")
