"""Command line of the sinks: options, and failures in one line."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from scicat_harness.errors import HarnessError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; the exit code."""
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
        help="what a correlation token looks like; tokens must sort by age",
    )
    parser.add_argument("--amqp-url", metavar="URL", help="collect from this broker")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="append every arrival here")
    parser.add_argument(
        "--ready", type=Path, metavar="FILE", help="write the address here, not to standard output"
    )
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help="exit when standard input ends"
    )
    parser.add_argument("--host", default="127.0.0.1", help="take mail and calls on this address")
    parser.add_argument(
        "--control-host", default="127.0.0.1", help="listen for control requests on this address"
    )
    parser.add_argument(
        "--control-port", type=int, default=0, help="and on this port (default: a free one)"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
