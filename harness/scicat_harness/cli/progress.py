"""The progress of a run: what is judged, the stage of the start, then a bar; or a line at times.

A terminal gets a bar with the failures so far, the scenario module and the time that is left.
Elsewhere a line is printed every 30 seconds, so that a log shows that the run is alive.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from scicat_harness.cli.console import Console
from scicat_harness.report.summary import module_of

__all__ = ["RunProgress"]

_EVERY = 30.0
"""Seconds between two lines where there is no terminal."""
_WIDTH = 24
"""Characters for the name of a module, so that the bar keeps its place."""


class RunProgress:
    """Shows how far a run is; ``bar`` says whether the output is a terminal.

    ``stop`` must be called before anything else is printed; it is idempotent.
    """

    def __init__(self, console: Console, *, bar: bool, every: float = _EVERY) -> None:
        self._console = console
        self._began = time.monotonic()
        self._total = 0
        self._done = 0
        self._failed = 0
        self._now = "starting"
        self._bar = _bar(console) if bar else None
        self._task = self._bar.add_task(self._now, total=None, failed="") if self._bar else None
        self._lines = None if bar else _Lines(every, self._print_line)

    def start(self, what: str) -> None:
        """Say what is judged, and begin to show progress."""
        self._console.print(Text(f"judging {what}"), soft_wrap=True)
        if self._bar is not None:
            self._bar.start()
        if self._lines is not None:
            self._lines.start()

    def stage(self, name: str) -> None:
        """Show a stage of the start."""
        self._show(f"starting: {name}")

    def checks(self, total: int) -> None:
        """Show the number of checks; only the first call counts."""
        if not self._total:
            self._total = total
            if self._bar is not None and self._task is not None:
                self._bar.update(self._task, total=total)
            self._show("first checks")

    def check(self, case: str, *, failed: bool) -> None:
        """Count a finished check."""
        self._done += 1
        self._failed += failed
        module = module_of(case)
        if self._bar is not None and self._task is not None:
            failures = f"{self._failed} failed" if self._failed else ""
            self._bar.update(
                self._task, advance=1, description=module[:_WIDTH].ljust(_WIDTH), failed=failures
            )
        self._now = module

    def stop(self) -> None:
        """Show no more progress."""
        if self._bar is not None:
            self._bar.stop()
        if self._lines is not None:
            self._lines.stop()

    def _show(self, text: str) -> None:
        self._now = text
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=text)

    def _print_line(self) -> None:
        seconds = time.monotonic() - self._began
        counted = f"{self._done} of {self._total} checks, {self._failed} failed; " * bool(
            self._total
        )
        self._console.print(Text(f"{seconds:.0f} s: {counted}{self._now}"), soft_wrap=True)


class _Lines:
    """Calls a function at equal times, in a thread, until it is stopped."""

    def __init__(self, every: float, call: Callable[[], None]) -> None:
        self._every = every
        self._call = call
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def start(self) -> None:
        """Begin; the first call comes after the first interval."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for a call that is under way; safe to call twice."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            try:
                self._call()
            except OSError:
                # Nobody reads any more; what the run prints in the end says so.
                return


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("[red]{task.fields[failed]}"),
        console=console,
        transient=True,
    )
