"""Hold back signals while xdist starts its worker processes.

A controller that ends in the middle of it leaves a worker that waits for its first line. execnet
in that worker then prints a traceback, after the run is gone.
"""

from __future__ import annotations

import signal
from contextlib import ExitStack
from types import FrameType

import pytest

from scicat_harness.plugin.signals import ENDING

__all__ = ["Worker", "Workers"]


class Workers:
    """Holds back Ctrl-C, SIGTERM and SIGHUP until xdist can end all workers in order."""

    def __init__(self) -> None:
        self._handlers = ExitStack()
        self._came: list[int] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self) -> None:
        """Take over the signals, before the first worker is started."""
        for number in ENDING:
            if signal.getsignal(number) is signal.SIG_IGN:
                continue
            self._handlers.callback(signal.signal, number, signal.signal(number, self._note))
        # Workers inherit the mask. Ctrl-C at a terminal goes to them as well, and must wait there
        # until their pytest handles it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self._handlers.callback(signal.pthread_sigmask, signal.SIG_SETMASK, before)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Restore the handlers, since all workers are started, and raise a signal that came."""
        self._restore()
        if self._came:
            signal.raise_signal(self._came.pop())

    def pytest_unconfigure(self) -> None:
        """Restore the handlers if a worker could not be started."""
        self._restore()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._came.append(number)

    def _restore(self) -> None:
        self._handlers.close()


class Worker:
    """Unblocks Ctrl-C in a worker process."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Unblock SIGINT, since pytest ends the session in order from here on."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
