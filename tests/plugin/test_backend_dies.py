"""A backend that dies under a run ends it: the environment failed, SciCat is not judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .runs import events, kill_child, started, wait_for

GONE = 60.0
MOST = 100
"""A batch that could not be settled, and the few checks after it; not hundreds."""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_run_ends_early_and_knows_nothing(workers: str, tmp_path: Path) -> None:
    arguments = ("run", "--profile=standard", "--report-dir=report", "-n", workers)
    with started(*arguments, "-k", "create", cwd=tmp_path) as run:
        wait_for(run, lambda: bool(events(tmp_path / "report", "check")))
        kill_child(run, "scicat_harness.embedded")
        output, _ = run.communicate(timeout=GONE)
    assert run.returncode == 2, output
    assert "Traceback" not in output
    summary = json.loads((tmp_path / "report" / "summary.json").read_text(encoding="utf-8"))
    assert summary["verdict"] == "unknown"
    assert 0 < summary["checks"]["unknown"] <= MOST * (1 + int(workers))
