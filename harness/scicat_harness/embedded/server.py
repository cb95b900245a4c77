"""Serving one backend over HTTP until it is told to stop.

The port is bound before anything is announced; answers leave in one write each. SIGTERM, SIGINT
and, if wanted, the end of standard input stop the server cleanly.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from scicat_harness.embedded.app import Application
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.transport import OneWriteProtocol

__all__ = ["listening_socket", "serve"]


def listening_socket(host: str, port: int, descriptor: int | None = None) -> socket.socket:
    """An inherited socket, or a new one without Nagle's delays; raises OSError."""
    if descriptor is not None:
        return socket.socket(fileno=descriptor)
    # Accepted connections get TCP_NODELAY only if the protocol is named here.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        sock.bind((host, port))
        sock.listen(512)
    except OSError:
        sock.close()
        raise
    return sock


def serve(backend: EmbeddedBackend, sock: socket.socket, *, until_stdin_ends: bool = False) -> None:
    """Answer requests on a listening socket until a signal, or the end of standard input."""
    port = sock.getsockname()[1]
    backend.log.log("Main", f"Scicat Backend listening on port: {port}")
    config = uvicorn.Config(
        Application(backend),
        http=OneWriteProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=60,
    )
    asyncio.run(_Server(config, backend, until_stdin_ends=until_stdin_ends).serve([sock]))


class _Server(uvicorn.Server):
    """Announces itself in the log, and takes signals as an ordinary end."""

    def __init__(
        self, config: uvicorn.Config, backend: EmbeddedBackend, *, until_stdin_ends: bool
    ) -> None:
        super().__init__(config)
        self._backend = backend
        self._until_stdin_ends = until_stdin_ends

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then say so."""
        await super().startup(sockets)
        if self._until_stdin_ends:
            _on_end_of_stdin(self._stop)
        self._backend.log.log("NestApplication", "Nest application successfully started")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT without raising them again afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


def _on_end_of_stdin(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    descriptor = 0

    def drain() -> None:
        if not os.read(descriptor, 65536):
            loop.remove_reader(descriptor)
            stop()

    try:
        loop.add_reader(descriptor, drain)
    except OSError:
        # Files and /dev/null cannot be watched; whatever they hold ends by itself.
        stop()
