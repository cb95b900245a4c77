"""The progress of a run: what is judged, then a bar, or lines where there is no terminal."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scicat_harness.cli.console import Console
from scicat_harness.cli.progress import RunProgress

from ..plugin.runs import harness

CASE = "scenarios/create/test_matrix.py::test_every_auth_value[user1]"


class Lines(io.StringIO):
    """Output that says when something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def write(self, text: str) -> int:
        found = super().write(text)
        if "checks" in text or "starting" in text:
            self.written.set()
        return found


@contextmanager
def stopping(progress: RunProgress) -> Iterator[None]:
    """Stop it after the body, so that no thread of it outlives a failed test."""
    try:
        yield
    finally:
        progress.stop()


def test_lines_where_there_is_no_terminal() -> None:
    output = Lines()
    progress = RunProgress(Console(file=output, width=80), bar=False, every=0.01)
    with stopping(progress):
        progress.start("v5.2.1 (embedded), profile smoke")
        progress.stage("backends")
        assert output.written.wait(10)
        progress.checks(7)
        progress.checks(9)
        progress.check(CASE, failed=True)
        progress.check(CASE, failed=False)
        output.written.clear()
        assert output.written.wait(10)
    said = output.getvalue()
    assert said.startswith("judging v5.2.1 (embedded), profile smoke\n")
    assert re.search(r"^\d+ s: starting: backends$", said, re.MULTILINE)
    assert re.search(r"^\d+ s: 2 of 7 checks, 1 failed; create/matrix$", said, re.MULTILINE)


def test_a_bar_on_a_terminal() -> None:
    output = io.StringIO()
    console = Console(file=output, width=100, force_terminal=True)
    progress = RunProgress(console, bar=True)
    with stopping(progress):
        progress.start("v5.2.1")
        progress.stage("backends")
        progress.checks(7)
        progress.check(CASE, failed=True)
    said = output.getvalue()
    assert "create/matrix" in said
    assert "1/7" in said
    assert "1 failed" in said
    # Removed at the end: what follows stands alone.
    assert said.rstrip().endswith("\x1b[2K")
    progress.stop()


def test_a_run_says_first_what_it_judges(tmp_path: Path) -> None:
    done = harness("run", "-n0", "--profile=smoke", "--only=delete", cwd=tmp_path)
    assert done.output.startswith("judging v5.2.1 (embedded), profile smoke\n")
