"""Command line of the embedded backend: options, clean ends, and failures in one line.

Everything about its behaviour comes from the environment (section 1.1 of the specification).
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from harness.embedded.defects import Defects
from harness.embedded.failures import BootFailure
from harness.embedded.sabotage import CATALOGUE

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; the exit code."""
    options = _options(arguments)
    if options.list_defects:
        rows = [{"id": d.id, "family": d.family, "sentence": d.sentence} for d in CATALOGUE]
        print(json.dumps(rows, indent=2))
        return 0
    if options.defect is not None and options.defect not in {d.id for d in CATALOGUE}:
        print(f"unknown defect '{options.defect}': see --list-defects", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    return _run(options)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m harness.embedded", description=__doc__)
    parser.add_argument("--fd", type=int, help="serve on this inherited listening socket")
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help="exit when standard input ends"
    )
    parser.add_argument("--defect", metavar="ID", help="be wrong in this one way")
    parser.add_argument(
        "--list-defects", action="store_true", help="print all defects as JSON and exit"
    )
    return parser.parse_args(arguments)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _run(options: argparse.Namespace) -> int:
    # Imported late: listing defects needs no web server.
    from harness.embedded.backend import Backend
    from harness.embedded.nestlog import NestLog
    from harness.embedded.server import listening_socket, serve

    log = NestLog()
    log.log("NestFactory", "Starting Nest application...")
    try:
        backend = Backend.boot(os.environ, Defects(options.defect), log)
    except BootFailure as failure:
        log.error("ExceptionHandler", str(failure))
        return 1
    port = backend.settings.port
    try:
        sock = listening_socket(port, options.fd)
    except OSError as error:
        where = f"descriptor {options.fd}" if options.fd is not None else f"127.0.0.1:{port}"
        print(f"cannot listen on {where}: {error.strerror or error}", file=sys.stderr)
        return 1
    with sock:
        serve(backend, sock, until_stdin_ends=options.exit_with_stdin)
    return 0


if __name__ == "__main__":
    sys.exit(main())
