"""Serve one backend over HTTP until a signal or the end of standard input.

The port is bound before the log announces it, and each reply is sent in one write. SIGTERM, SIGINT
and, on request, the end of standard input stop the server cleanly.
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
    """Return a listening TCP socket: the inherited ``descriptor``, or a new one on host and port.

    A new socket has Nagle's algorithm switched off. Port 0 takes any free port. Raises OSError if
    the address is in use or the descriptor is no socket.
    """
    if descriptor is not None:
        return socket.socket(fileno=descriptor)
    # Accepted connections get TCP_NODELAY only if the protocol is named here.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A backend that is restarted at once needs the port while old connections are in TIME_WAIT.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        sock.bind((host, port))
        # Room for many workers that connect at the same moment.
        sock.listen(512)
    except OSError:
        sock.close()
        raise
    return sock


def serve(backend: EmbeddedBackend, sock: socket.socket, *, until_stdin_ends: bool = False) -> None:
    """Answer requests on a listening socket until SIGTERM or SIGINT.

    With ``until_stdin_ends`` the end of standard input stops the server, too: a parent process
    that holds the other end of a pipe takes the backend with it when it is killed.
    """
    # Asked of the socket, since the configured port may be 0 or of no meaning with a descriptor.
    port = sock.getsockname()[1]
    backend.log.log("Main", f"Scicat Backend listening on port: {port}")
    config = uvicorn.Config(
        Application(backend),
        http=OneWriteProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        # Standard output belongs to the log of the backend, which is a channel of effects.
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        # Longer than the pauses between two checks, so that clients keep their connections.
        timeout_keep_alive=60,
    )
    asyncio.run(_Server(config, backend, until_stdin_ends=until_stdin_ends).serve([sock]))


class _Server(uvicorn.Server):
    """A uvicorn server that writes the start to the log and exits cleanly on signals."""

    def __init__(
        self, config: uvicorn.Config, backend: EmbeddedBackend, *, until_stdin_ends: bool
    ) -> None:
        super().__init__(config)
        self._backend = backend
        self._until_stdin_ends = until_stdin_ends

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then log the start as the real backend does (specification: start)."""
        await super().startup(sockets)
        if self._until_stdin_ends:
            _on_end_of_stdin(self._stop)
        self._backend.log.log("NestApplication", "Nest application successfully started")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT.

        uvicorn raises a caught signal again after the shutdown. Here a signal is an ordinary
        stop: the caller goes on, closes the backend and returns 0.
        """
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
        # Input is discarded; only its end counts.
        if not os.read(descriptor, 65536):
            loop.remove_reader(descriptor)
            stop()

    try:
        loop.add_reader(descriptor, drain)
    except OSError:
        # epoll refuses files and /dev/null. Nobody holds their other end, so stop at once.
        stop()
