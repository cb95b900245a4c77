"""The entry point of ``scicat-harness``, which handles Ctrl-C during the imports.

Importing the commands takes a moment. This module imports nothing of the package before its
signal handlers are in place.
"""

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
        # If KeyboardInterrupt is raised in code that runs from a string during an import (as
        # dataclasses do), Python remembers it, and kills itself by SIGINT at its exit although
        # the exception was caught. Another exec() that succeeds resets that flag.
        exec("")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _run() -> None:
    try:
        # A signal that is ignored stays ignored: nohup ignores SIGHUP on purpose.
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _interrupt)
        from scicat_harness.cli.main import main as command
    except KeyboardInterrupt:
        print("scicat-harness: interrupted", file=sys.stderr, flush=True)
        sys.exit(_ENVIRONMENT_FAILED)
    command()
