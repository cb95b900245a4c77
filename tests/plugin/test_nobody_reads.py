"""A run that was told to end does, though its output is a pipe that nobody reads."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from ..facility.setup import facility_in
from .runs import GONE, children_of, events, started, wait_for

_SIZE = 4096
"""Of the pipe: less than what a run says in the end."""
TYPES = ("a'b\"", "new\nline", "x" * 300)


def _stop_reading(run: subprocess.Popen[str]) -> None:
    """Take what was said so far, and leave room for little more."""
    assert run.stdout is not None
    descriptor = run.stdout.fileno()
    os.set_blocking(descriptor, False)
    with suppress(BlockingIOError):
        while os.read(descriptor, 1 << 16):
            pass
    fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _SIZE)


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="pipes have no size here")
@pytest.mark.parametrize("when", ["during-the-checks", "at-the-end"])
def test_it_ends(when: str, tmp_path: Path) -> None:
    call = {"actionType": "url", "url": "http://archiver.example/new", "method": "POST"}
    operation = {"auth": "#all", "actions": [call]}
    jobs = [{"jobType": each, "create": operation, "update": {"auth": "#all"}} for each in TYPES]
    facility = facility_in(tmp_path, jobs)
    arguments = ("verify", facility.config, "--report-dir=report", "-k", "create")
    with started(*arguments, "--defect=actions.url.called-twice", cwd=tmp_path) as run:
        wait_for(run, lambda: len(events(tmp_path / "report", "check")) > 10)
        _stop_reading(run)
        if when == "at-the-end":
            wait_for(run, lambda: bool(events(tmp_path / "report", "finished")))
        run.send_signal(signal.SIGTERM)
        assert run.wait(GONE) == 2
        assert children_of(run) == []
