"""One process of sinks: listeners and control API in one event loop, until it is stopped."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from scicat_harness.processes.stdin import on_end_of_stdin
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.arrival import URL
from scicat_harness.sinks.control import control_app
from scicat_harness.sinks.hub import Hub
from scicat_harness.sinks.listeners import ELSEWHERE, SMTP, ListenerOrder
from scicat_harness.sinks.sockets import listening_socket

__all__ = ["SinkOptions", "serve"]

_KEEP_ALIVE = 3600


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """The options of a process of sinks; see ``python -m scicat_harness.sinks --help``."""

    token_pattern: str
    amqp_url: str | None = None
    journal: Path | None = None
    ready: Path | None = None
    """The file for the address; None for one line on standard output."""
    exit_with_stdin: bool = False
    host: str = "127.0.0.1"
    """The address that mail and URL sinks listen at."""
    control_host: str = "127.0.0.1"
    control_port: int = 0
    """0 for a free one."""


async def serve(options: SinkOptions) -> None:
    """Listen, announce the address, and serve until a signal or the end of standard input.

    Raises EnvironmentFault when a port is taken or the broker cannot be reached.
    """
    hub = Hub(options.host, options.token_pattern, options.journal)
    try:
        if options.amqp_url is not None:
            await hub.connect(options.amqp_url)
        mail = await hub.listeners.open(ListenerOrder(SMTP, SMTP))
        await hub.listeners.open(ListenerOrder(URL, ELSEWHERE))
        url = await hub.listeners.open(ListenerOrder(URL, URL))
        with listening_socket(options.control_host, options.control_port) as sock:
            control = f"http://{options.control_host}:{sock.getsockname()[1]}"
            address = SinksAddress(control, mail.host, mail.port, url.url)
            server = _Server(hub, options, lambda: _announce(address, options.ready))
            await server.serve([sock])
    finally:
        hub.close()


class _Server(uvicorn.Server):
    """The server of the control API; announces the address once it listens."""

    def __init__(self, hub: Hub, options: SinkOptions, announce: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                control_app(hub),
                http="h11",
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
                # Workers use their connection only a few times per batch of checks.
                timeout_keep_alive=_KEEP_ALIVE,
            )
        )
        self._hub = hub
        self._options = options
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._options.exit_with_stdin:
            on_end_of_stdin(self._stop)
        self._announce()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's handler would not end the waits and delays of the hub.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self._hub.stop()
        self.should_exit = True


def _announce(address: SinksAddress, ready: Path | None) -> None:
    line = json.dumps(address.to_json())
    if ready is None:
        print(line, flush=True)
        return
    # Renamed into place, so that nobody reads half of it.
    draft = ready.with_name(f"{ready.name}.{os.getpid()}")
    draft.write_text(line + "\n", encoding="utf-8")
    draft.replace(ready)
