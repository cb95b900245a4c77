"""Runs of ``scicat-harness`` in forked processes that share one import of the package.

``sabotage`` makes hundreds of short runs, and importing takes a large part of each.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import threading
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

from scicat_harness.errors import EnvironmentFault, ExitCode
from scicat_harness.plugin.chosen import VARIABLE

__all__ = ["ForkedRuns", "RunsEnded"]

_DEADLINE = 180.0
_END_DEADLINE = 30.0
_COMMAND_LINE = "scicat_harness.cli.main"
_PRELOADED = (
    _COMMAND_LINE,
    "scicat_harness.cli.run",
    *(
        f"scicat_harness.plugin.{name}"
        for name in ("cases", "deferral", "lifecycle", "own_backends", "own_services", "recorder")
    ),
)


class RunsEnded(Exception):
    """No further run is started: ``ForkedRuns.end`` was called."""


class ForkedRuns:
    """Starts runs in forked processes and ends those that are active on request.

    ``run`` may be called from several threads at once. ``chosen_cases`` is a folder in which the
    runs share their choice of cases (``plugin.chosen``).
    """

    def __init__(self, chosen_cases: Path) -> None:
        self._chosen_cases = chosen_cases
        # "fork" would copy the threads' locks of this process; the fork server has no threads.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(_PRELOADED))
        self._lock = threading.Lock()
        self._running: set[BaseProcess] = set()
        self._ending = False

    def run(self, arguments: Sequence[str], output: Path, *, seconds: float = _DEADLINE) -> int:
        """Run ``scicat-harness`` with these arguments and return its exit code.

        stdout and stderr go into the file ``output``. Raises ``EnvironmentFault`` when it has not
        ended after ``seconds``. After ``end`` nothing is started and the code is that of a failed
        environment.
        """
        with self._lock:
            # Checked under the lock, so that end() misses no process that is about to start.
            if self._ending:
                return ExitCode.ENVIRONMENT_FAILED
            process = self._context.Process(
                target=_command,
                args=(list(arguments), str(output), str(self._chosen_cases)),
            )
            process.start()
            self._running.add(process)
        try:
            process.join(seconds)
            if process.exitcode is None:
                # SIGTERM first: a run that ends in order removes what it made.
                process.terminate()
                process.join(_END_DEADLINE)
                process.kill()
                process.join()
                raise EnvironmentFault(f"a run took over {seconds:g} s: {' '.join(arguments)}")
        except BaseException:
            # Such as an interrupt: a run must not outlive the folder of its report.
            process.terminate()
            process.join(_END_DEADLINE)
            raise
        finally:
            with self._lock:
                self._running.discard(process)
        return process.exitcode

    def demand(self) -> None:
        """Raise RunsEnded after ``end``, for a thread that would go on with the next run."""
        with self._lock:
            if self._ending:
                raise RunsEnded

    def end(self) -> None:
        """Send SIGTERM to every active run, and start no more."""
        with self._lock:
            self._ending = True
            for process in self._running:
                process.terminate()


def _command(arguments: list[str], output: str, chosen_cases: str) -> None:
    os.environ[VARIABLE] = chosen_cases
    # A run appends its summary to this file. Summaries of sabotaged runs would look like failures.
    os.environ.pop("GITHUB_STEP_SUMMARY", None)
    # File descriptors, not only sys.stdout: child processes of the run inherit them.
    with Path(output).open("wb", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    try:
        # By name: the command line starts these runs, so it cannot be imported here.
        importlib.import_module(_COMMAND_LINE).main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
