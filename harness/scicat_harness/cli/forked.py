"""Runs in processes forked from one that has imported everything: many short runs, one import."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

from scicat_harness.errors import EnvironmentFault, ExitCode

__all__ = ["ForkedRuns"]

_DEADLINE = 180.0
_END_DEADLINE = 30.0
_PRELOADED = (
    "scicat_harness.cli.main",
    *(
        f"scicat_harness.plugin.{name}"
        for name in ("cases", "deferral", "lab", "lifecycle", "recorder")
    ),
)


class ForkedRuns:
    """The runs under way; all of them are asked to end when the command is."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(_PRELOADED))
        self._lock = threading.Lock()
        self._running: set[BaseProcess] = set()
        self._ending = False

    def run(self, arguments: Sequence[str], output: Path) -> int:
        """``scicat-harness`` with these arguments to its end, printing into a file; exit code."""
        with self._lock:
            if self._ending:
                return ExitCode.ENVIRONMENT_FAILED
            process = self._context.Process(target=_command, args=(list(arguments), str(output)))
            process.start()
            self._running.add(process)
        try:
            process.join(_DEADLINE)
            if process.exitcode is None:
                process.terminate()
                process.join(_END_DEADLINE)
                process.kill()
                process.join()
                raise EnvironmentFault(f"a run took over {_DEADLINE:g} s: {' '.join(arguments)}")
        finally:
            with self._lock:
                self._running.discard(process)
        return process.exitcode

    def end(self) -> None:
        """Ask every run to end, as Ctrl-C would, and start no more."""
        with self._lock:
            self._ending = True
            for process in self._running:
                process.terminate()


def _command(arguments: list[str], output: str) -> None:
    from scicat_harness.cli.main import main

    # A summary of a sabotaged run has no place beside the summary of a real one.
    os.environ.pop("GITHUB_STEP_SUMMARY", None)
    with Path(output).open("wb", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    try:
        main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
