"""Servers that keep a connection busy, or open, and never finish; for everything that waits."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

__all__ = ["SLOW_SERVERS", "dripping", "never_closing", "silent"]

_STEP = 0.02


@contextmanager
def _serving(send: bytes, *, drips: bool) -> Iterator[int]:
    """The port of a server that sends some bytes to whoever connects, and then drips or waits."""
    over = threading.Event()
    serving: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with closing(connection), suppress(OSError):
            connection.sendall(send)
            while not over.wait(_STEP):
                if drips:
                    connection.sendall(b"x")

    def accept(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                thread = threading.Thread(target=serve, args=(connection,), name="slow-server")
                thread.start()
                serving.append(thread)

    with socket.create_server(("127.0.0.1", 0)) as server:
        accepting = threading.Thread(target=accept, args=(server,), name="slow-accept")
        accepting.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *serving):
                thread.join(5)


@contextmanager
def dripping(start: bytes = b"") -> Iterator[int]:
    """One byte at a time, for ever."""
    with _serving(start, drips=True) as port:
        yield port


@contextmanager
def silent(start: bytes = b"") -> Iterator[int]:
    """Accepts, and says nothing (more)."""
    with _serving(start, drips=False) as port:
        yield port


@contextmanager
def never_closing(start: bytes = b"HTTP/1.1 200 OK\r\n\r\nhello") -> Iterator[int]:
    """A reply without a length, whose connection stays open."""
    with _serving(start, drips=False) as port:
        yield port


SLOW_SERVERS = {"dripping": dripping, "silent": silent, "never-closing": never_closing}
