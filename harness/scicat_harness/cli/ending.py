"""End an interrupted command, even if nothing reads its output.

The output may be a full pipe, such as that of a pager in the background, and writing to it would
block for ever. Cleaning up is complete at this point, so only the last messages can be lost.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from scicat_harness.errors import ExitCode

__all__ = ["end_soon", "ending_soon"]

_SECONDS = 5


def end_soon() -> None:
    """End this process after 5 seconds, with the exit code of an interrupted run.

    Uses SIGALRM, which interrupts a blocked write. Only the main thread may call it.
    """
    signal.signal(signal.SIGALRM, _end)
    signal.alarm(_SECONDS)


@contextmanager
def ending_soon(interrupted: bool, /) -> Iterator[None]:
    """Limit the time of the body to 5 seconds, if the run was interrupted.

    The process ends when the time is over. Otherwise the handler of SIGALRM is restored.
    """
    if not interrupted:
        yield
        return
    before = signal.getsignal(signal.SIGALRM)
    end_soon()
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _end(_number: int, _frame: FrameType | None) -> None:
    # An exception is not enough: Python flushes stdout at its exit, which would block again.
    os._exit(ExitCode.ENVIRONMENT_FAILED)
