"""The command line of the sinks (docs/sinks.md)."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from scicat_harness.errors import HarnessError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal or the end of standard input; return the exit code.

    A HarnessError is printed as one line to standard error.
    """
    # Imported late: --help and a wrong option need none of it.
    from scicat_harness.sinks.server import SinkOptions, serve

    try:
        asyncio.run(serve(SinkOptions(**vars(_options(arguments)))))
    except HarnessError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scicat_harness.sinks", description=__doc__)
    parser.add_argument(
        "--token-pattern",
        required=True,
        metavar="REGEX",
        help="the form of a correlation token; tokens must sort by age",
    )
    parser.add_argument("--amqp-url", metavar="URL", help="collect messages from this broker")
    parser.add_argument(
        "--journal", type=Path, metavar="FILE", help="append every arrival to this file"
    )
    parser.add_argument(
        "--ready",
        type=Path,
        metavar="FILE",
        help="write the address to this file, not to standard output",
    )
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help="exit when standard input ends"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="receive mail and calls on this address"
    )
    parser.add_argument(
        "--control-host", default="127.0.0.1", help="listen for control requests on this address"
    )
    parser.add_argument(
        "--control-port",
        type=int,
        default=0,
        help="listen for control requests on this port (default: a free one)",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
