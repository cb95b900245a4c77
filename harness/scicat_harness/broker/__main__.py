"""The broker child: the embedded broker with its proxies, or proxies to another broker alone."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.broker.control_server import ControlServer
from scicat_harness.broker.embedded.broker import EmbeddedServer
from scicat_harness.broker.embedded.handshake import Credentials
from scicat_harness.processes.sockets import listening_socket
from scicat_harness.processes.stdin import on_end_of_stdin

__all__ = ["main"]


@dataclass(frozen=True, slots=True)
class _Options:
    ready: Path
    target: tuple[str, int] | None
    port: int
    host: str
    exit_with_stdin: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal or the end of standard input; return the exit code.

    Its ports go to the file ``--ready``, as JSON: ``{"amqp": 5672, "control": 40001}``. The exit
    code is 1 when a port is taken.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    options = _options(arguments)
    try:
        asyncio.run(_serve(options))
    except OSError as error:
        print(f"the broker cannot start: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def _options(arguments: Sequence[str] | None) -> _Options:
    parser = argparse.ArgumentParser(prog="python -m scicat_harness.broker", description=__doc__)
    parser.add_argument(
        "--ready", type=Path, required=True, help="write the ports to this file, as JSON"
    )
    parser.add_argument(
        "--port", type=int, default=0, help="the port of the broker (default: a free one)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address that proxies listen at")
    parser.add_argument(
        "--target", metavar="HOST:PORT", help="start no broker, only proxies to this one"
    )
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help="exit when standard input ends"
    )
    given = parser.parse_args(arguments)
    host, _, port = (given.target or "").rpartition(":")
    target = (host, int(port)) if given.target else None
    return _Options(given.ready, target, given.port, given.host, given.exit_with_stdin)


async def _serve(options: _Options) -> None:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)
    if options.exit_with_stdin:
        on_end_of_stdin(done.set)
    broker: EmbeddedServer | None = None
    target = options.target
    if target is None:
        # The account that clients of RabbitMQ use by default; it listens on loopback alone.
        broker, listener = (
            EmbeddedServer(Credentials("guest", "guest")),
            listening_socket(options.port),
        )
        await broker.start(listener)
        target = ("127.0.0.1", listener.getsockname()[1])
    control, listener = ControlServer(broker, target, options.host), listening_socket()
    await control.start(listener)
    _announce(options.ready, {"amqp": target[1], "control": listener.getsockname()[1]})
    await done.wait()
    control.close()
    if broker is not None:
        broker.close()


def _announce(ready: Path, ports: dict[str, int]) -> None:
    # Renamed into place, so that nobody reads half of it.
    draft = ready.with_suffix(".draft")
    draft.write_text(json.dumps(ports), encoding="utf-8")
    draft.replace(ready)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
