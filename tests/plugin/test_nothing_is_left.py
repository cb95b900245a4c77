"""However a run is ended, no process of it is left."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import psutil
import pytest

from .runs import GONE, children_of, events, started, wait_for

CHECKED = ("run", "--profile=smoke", "--report-dir=report")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_ended_while_the_backends_start(number: signal.Signals, tmp_path: Path) -> None:
    with started("run", "--profile=standard", "--report-dir=report", cwd=tmp_path) as run:
        wait_for(run, lambda: bool(children_of(run)))
        children = children_of(run)
        run.send_signal(number)
        output, _ = run.communicate(timeout=GONE)
    _, alive = psutil.wait_procs(children, timeout=GONE)
    assert alive == []
    assert run.returncode == 2, output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("number", "workers"),
    [(signal.SIGTERM, "0"), (signal.SIGINT, "2")],
    ids=["SIGTERM", "SIGINT-with-workers"],
)
def test_ended_during_the_checks(number: signal.Signals, workers: str, tmp_path: Path) -> None:
    with started(*CHECKED, "-n", workers, cwd=tmp_path) as run:
        wait_for(run, lambda: bool(events(tmp_path / "report", "check")))
        children = children_of(run)
        run.send_signal(number)
        output, _ = run.communicate(timeout=GONE)
    assert children
    _, alive = psutil.wait_procs(children, timeout=GONE)
    assert alive == []
    assert run.returncode == 2, output
    assert "Traceback" not in output


def test_ended_while_the_workers_start(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.plugin.interrupting")
    with started(*CHECKED, "-n2", cwd=tmp_path, command=command) as run:
        output, _ = run.communicate(timeout=GONE)
    assert run.returncode == 2, output
    assert "Traceback" not in output
    assert "before the first check" in output


def test_a_killed_run_takes_its_backend_with_it(tmp_path: Path) -> None:
    with started(*CHECKED, cwd=tmp_path) as run:
        wait_for(run, lambda: bool(events(tmp_path / "report", "check")))
        children = children_of(run)
        run.kill()
        run.wait(GONE)
    assert children
    _, alive = psutil.wait_procs(children, timeout=GONE)
    assert alive == []
