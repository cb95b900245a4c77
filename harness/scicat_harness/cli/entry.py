"""Where the command begins: importing it all takes a moment, and Ctrl-C may come in that."""

from __future__ import annotations

import signal
import sys

__all__ = ["main"]

_ENVIRONMENT_FAILED = 2
"""ExitCode.ENVIRONMENT_FAILED, which is not imported yet."""


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        _run()
    finally:
        # An interrupt in code that a module makes of text while it is imported is remembered by
        # Python, which would end itself by SIGINT in the end, caught or not. More such code that
        # comes to its end makes it forget.
        exec("")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _run() -> None:
    try:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _interrupt)
        from scicat_harness.cli.main import main as command
    except KeyboardInterrupt:
        print("scicat-harness: interrupted", file=sys.stderr, flush=True)
        sys.exit(_ENVIRONMENT_FAILED)
    command()
