"""Runs of some checks only: by their ids, or as an earlier run failed them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scicat_harness.report.stored.run import read_run

from .runs import harness

DEFECT = "--defect=datasets.check.any-instead-of-all"
FEW = ("--profile=smoke", "-n0", "--only=create")


def checks(folder: Path) -> dict[str, str]:
    return {case: str(record.verdict) for case, record in read_run(folder).records.items()}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report folder of a run in which some checks fail."""
    folder = tmp_path_factory.mktemp("failed")
    done = harness("run", *FEW, DEFECT, f"--report-dir={folder / 'first'}", cwd=folder)
    assert done.code == 1, done.output
    return folder / "first"


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_what_failed_is_repeated(failed: Path, tmp_path: Path, workers: str) -> None:
    wanted = {case for case, verdict in checks(failed).items() if verdict == "failed"}
    again = tmp_path / "again"
    done = harness(
        "run", *FEW, workers, f"--failed={failed}", f"--report-dir={again}", cwd=tmp_path
    )
    assert done.code == 0, done.output
    assert checks(again).keys() == wanted
    assert 0 < len(wanted) < len(checks(failed))
    # Fewer checks than the profile has: the ledger cannot be compared with them.
    assert "ledger::" not in " ".join(checks(again))


def test_checks_by_their_ids(failed: Path, tmp_path: Path) -> None:
    wanted = sorted(checks(failed))[:3]
    (tmp_path / "ids").write_text("\n".join(wanted) + "\n\n", encoding="utf-8")
    report = tmp_path / "report"
    done = harness("run", *FEW, "--cases=ids", f"--report-dir={report}", cwd=tmp_path)
    assert done.code == 0, done.output
    assert sorted(checks(report)) == wanted


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--cases=nowhere"], "--cases .*nowhere: cannot be read"),
        (["--cases=empty"], "--cases .*empty: names no check"),
        (["--cases=unknown"], "this profile has no check called 'scenarios/x.py::y'"),
        (["--failed=nowhere"], "nowhere"),
        (["--failed=passed"], "no check of that run failed or was unknown"),
        (["--failed=passed", "--cases=unknown"], "give one of them"),
    ],
    ids=lambda each: "-".join(each).replace("=", "-") if isinstance(each, list) else "",
)
def test_a_selection_that_cannot_be(arguments: list[str], says: str, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "unknown").write_text("scenarios/x.py::y\n", encoding="utf-8")
    few = ("-n0", "--profile=smoke", "-k", "test_matrix and user1 and owner_access")
    if "--failed=passed" in arguments:
        assert harness("run", *few, "--report-dir=passed", cwd=tmp_path).code == 0
    done = harness("run", *few, *arguments, cwd=tmp_path)
    assert done.code == 3, done.output
    assert "Traceback" not in done.output
    assert re.search(says, " ".join(done.output.split())), done.output
