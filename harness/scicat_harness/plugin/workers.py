"""Worker processes: a signal that comes while they are being started waits until they have.

Ended in the middle of it, xdist leaves a worker behind that waits for its first line, and says so
in a traceback of its own once the run is gone.
"""

from __future__ import annotations

import signal
from contextlib import ExitStack
from types import FrameType

import pytest

from scicat_harness.plugin.signals import ENDING

__all__ = ["Worker", "Workers"]


class Workers:
    """Puts off Ctrl-C, SIGTERM and SIGHUP from the first worker until all can be told to end."""

    def __init__(self) -> None:
        self._handlers = ExitStack()
        self._came: list[int] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self) -> None:
        """They are about to be started."""
        for number in ENDING:
            if signal.getsignal(number) is signal.SIG_IGN:
                continue
            self._handlers.callback(signal.signal, number, signal.signal(number, self._note))
        # Workers inherit this: Ctrl-C at a terminal reaches them as well, where it waits, too.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self._handlers.callback(signal.pthread_sigmask, signal.SIG_SETMASK, before)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """They have been: from here on xdist ends them in order."""
        self._restore()
        if self._came:
            signal.raise_signal(self._came.pop())

    def pytest_unconfigure(self) -> None:
        """The same, where a worker could not be started."""
        self._restore()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._came.append(number)

    def _restore(self) -> None:
        self._handlers.close()


class Worker:
    """The other end of it, in a worker."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """From here on pytest ends in order when Ctrl-C reaches it."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
