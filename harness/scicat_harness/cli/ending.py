"""Ending: a command that was told to end does so, even where nobody reads what it says.

Its output may be a pipe that is full, such as that of a pager nobody looks at. All of it is cleaned
up by then, so that what is left to say is not worth waiting for.
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
    """End this process after some seconds, with the code of an interrupted run."""
    signal.signal(signal.SIGALRM, _end)
    signal.alarm(_SECONDS)


@contextmanager
def ending_soon(interrupted: bool, /) -> Iterator[None]:
    """End this process if, interrupted, it takes some seconds to say what came of it."""
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
    # Not by an exception: what is written last, at the exit, would wait again.
    os._exit(ExitCode.ENVIRONMENT_FAILED)
