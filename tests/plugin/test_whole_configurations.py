"""verify on configurations in the style of large facilities: a verdict, and little left open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scicat_harness.facility.facility import FacilityFiles, load_facility
from scicat_harness.javascript import Missing, find_engine
from scicat_harness.model.release import CURRENT

from .runs import harness

CONFIGURATIONS = Path(__file__).parents[1] / "facility" / "configurations"
NAMES = sorted(each.name for each in CONFIGURATIONS.iterdir() if each.is_dir())
# The others differ from these in their plans only.
RUN = (
    "broken",
    "closed",
    "contacts",
    "corners",
    "mails",
    "memory",
    "oddities",
    "datasets",
    "files",
    "schemas",
    "synchrotron",
)
_MOST_OPEN = 0.05


@pytest.fixture(scope="module", autouse=True)
def libraries() -> None:
    """The JavaScript libraries; skips where they are missing."""
    found = find_engine()
    if isinstance(found, Missing):
        pytest.skip(found.reason)


def files_of(name: str) -> FacilityFiles:
    folder = CONFIGURATIONS / name
    accounts = folder / "accounts.json"
    return FacilityFiles(
        folder / "jobConfig.yaml",
        env=(folder / "backend.env",),
        accounts=accounts if accounts.exists() else None,
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_leaves_little_open(name: str) -> None:
    plan = load_facility(files_of(name), CURRENT).plan
    reasons = [f"{each.id}: {each.reason}" for each in plan.beyond]
    assert len(reasons) <= _MOST_OPEN * len(plan.cases), reasons


@pytest.mark.parametrize("name", RUN)
def test_the_twin_agrees(name: str, tmp_path: Path) -> None:
    files = files_of(name)
    given = [str(files.job_config), f"--env={files.env[0]}"]
    given += [f"--accounts={files.accounts}"] if files.accounts is not None else []
    run = harness("verify", *given, "--report-dir=report", cwd=tmp_path)
    assert run.code == 0, run.output
    summary = json.loads((tmp_path / "report" / "summary.json").read_text("utf-8"))
    checks = summary["checks"]
    assert (checks["failed"], checks["unknown"]) == (0, 0), run.output
    assert checks["not_verifiable"] <= _MOST_OPEN * sum(checks.values()), run.output
