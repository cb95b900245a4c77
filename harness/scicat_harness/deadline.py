"""Deadlines for whole operations, whatever the other side does meanwhile.

The timeouts of most libraries limit a single read: a server that sends one byte at a time exceeds
none of them, and the whole reply may take for ever. ``within`` limits a call of such a library;
``SocketWatch`` limits many short uses of sockets without a thread for each.
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
    """Return the result of ``do``; raise DeadlineExceeded, naming ``what``, after ``seconds``.

    An exception of ``do`` is raised here. ``do`` runs in a daemon thread; a call that is given up
    goes on there and does not keep the process from ending. Use it where nothing can interrupt
    the call::

        within(5.0, "asking the server", lambda: client.admin.command("ping"))
    """
    outcome: SimpleQueue[tuple[_Result | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            outcome.put((do(), None))
        except BaseException as error:
            # Also SystemExit: raised in this thread it would end the thread without a trace.
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
    """Shuts down sockets that are used for longer than their deadline; one thread for all.

    A thread that reads from such a socket sees end of file at once; ``SocketUse.expired`` is the
    reason::

        with watch.using(2.0) as use:
            use.take(connection.sock)
            data = connection.sock.recv(1024)
        if use.expired: ...
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: list[tuple[float, int, SocketUse]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    @contextmanager
    def using(self, seconds: float) -> Iterator[SocketUse]:
        """Yield a use that expires after ``seconds``; pass it each socket by ``SocketUse.take``."""
        use = SocketUse()
        with self._changed:
            # The number decides between equal deadlines: uses themselves have no order.
            heapq.heappush(self._queue, (time.monotonic() + seconds, next(self._numbers), use))
            # Started with the first use; a thread does not survive a fork, a child starts its own.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._watch, name="socket-watch", daemon=True
                )
                self._thread.start()
            elif self._queue[0][2] is use:
                # Only an earlier deadline than all others changes how long the thread waits.
                self._changed.notify()
        try:
            yield use
        finally:
            use.end()

    def expire_all(self) -> None:
        """Expire every use that has not ended."""
        with self._changed:
            for _, _, use in self._queue:
                use.expire()

    def _watch(self) -> None:
        with self._changed:
            while True:
                # An ended use stays queued until it is first, so that ending needs no search.
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
    """One use of sockets; ``expired`` is true when its deadline ended it.

    ``take`` and ``end`` are called by the thread that uses the socket, ``expire`` by the watch.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.ended = False
        self.expired = False

    def take(self, used: socket.socket | None) -> None:
        """Use this socket from now on; it is shut down at once if the deadline has passed."""
        with self._lock:
            self._socket = used
            # The deadline may pass while the connection is made, when there is no socket yet.
            if self.expired:
                _shut(used)

    def end(self) -> None:
        """End the use; a later deadline changes nothing."""
        with self._lock:
            self.ended, self._socket = True, None

    def expire(self) -> None:
        """Shut the socket down, unless the use has ended."""
        with self._lock:
            if not self.ended:
                self.expired = True
                _shut(self._socket)


def _shut(used: socket.socket | None) -> None:
    if used is None:
        return
    # Shut down, not closed: closing frees the descriptor while another thread still reads it.
    with suppress(OSError, ValueError):
        used.shutdown(socket.SHUT_RDWR)
