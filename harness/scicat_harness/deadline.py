"""Deadlines for whole operations, whatever the other side does meanwhile.

The time limits of most libraries hold for a single read: a server that sends one byte at a time
keeps every one of them, and whoever waits for the whole reply waits for ever. ``within`` bounds a
call of such a library; ``SocketWatch`` bounds many short uses of sockets without a thread for each.
"""

from __future__ import annotations

import heapq
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import TypeVar

from scicat_harness.errors import DeadlineExceeded

__all__ = ["SocketUse", "SocketWatch", "within"]

_Result = TypeVar("_Result")


def within(seconds: float, what: str, do: Callable[[], _Result]) -> _Result:
    """The result of ``do``, or a DeadlineExceeded naming ``what`` after so many seconds.

    What ``do`` raises is raised here. A call that is given up goes on in a thread of its own,
    which does not keep this process from ending; use it where nothing can interrupt the call.
    """
    outcome: SimpleQueue[tuple[_Result | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            outcome.put((do(), None))
        except BaseException as error:
            outcome.put((None, error))

    thread = threading.Thread(target=run, name=f"within-{seconds:g}s", daemon=True)
    thread.start()
    thread.join(seconds)
    if outcome.empty():
        raise DeadlineExceeded(f"{what}: not done within {seconds:g} s")
    result, error = outcome.get()
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


class SocketWatch:
    """Shuts sockets down that are used for longer than their deadline; one thread for all.

    Whoever reads from such a socket sees its end at once, and asks ``expired`` why.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: list[tuple[float, int, SocketUse]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    @contextmanager
    def using(self, seconds: float) -> Iterator[SocketUse]:
        """A use of sockets that ends within so many seconds; name them by ``Use.take``."""
        use = SocketUse()
        with self._changed:
            heapq.heappush(self._queue, (time.monotonic() + seconds, next(self._numbers), use))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._watch, name="socket-watch", daemon=True
                )
                self._thread.start()
            elif self._queue[0][2] is use:
                self._changed.notify()
        try:
            yield use
        finally:
            use.end()

    def expire_all(self) -> None:
        """The time of every use is over now."""
        with self._changed:
            for _, _, use in self._queue:
                use.expire()

    def _watch(self) -> None:
        with self._changed:
            while True:
                # What has ended stays until its deadline, so that ending costs nothing.
                while self._queue and self._queue[0][2].ended:
                    heapq.heappop(self._queue)
                if not self._queue:
                    self._changed.wait()
                    continue
                remaining = self._queue[0][0] - time.monotonic()
                if remaining > 0:
                    self._changed.wait(remaining)
                    continue
                heapq.heappop(self._queue)[2].expire()


class SocketUse:
    """One use: ``expired`` tells whether its deadline ended it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.ended = False
        self.expired = False

    def take(self, used: socket.socket | None) -> None:
        """This socket is used from now on."""
        with self._lock:
            self._socket = used
            if self.expired:
                _shut(used)

    def end(self) -> None:
        """The use is over."""
        with self._lock:
            self.ended, self._socket = True, None

    def expire(self) -> None:
        """Its time is over."""
        with self._lock:
            if not self.ended:
                self.expired = True
                _shut(self._socket)


def _shut(used: socket.socket | None) -> None:
    if used is None:
        return
    with suppress(OSError, ValueError):
        used.shutdown(socket.SHUT_RDWR)
