"""Runs that were just made come to the same again; a defect fails the same cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.model.outcome import Verdict
from scicat_harness.suite.recheck import rechecked

from .runs import harness

PARTS = ("--only=create", "--only=read", "--only=templates")


def run(folder: Path, *arguments: str) -> Path:
    """The report of a smoke run with these arguments."""
    given = ("run", "--profile=smoke", f"--report-dir={folder}", *arguments)
    assert harness(*given, cwd=folder.parent).code in (0, 1)
    return folder


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a part of a smoke run, with and without effects."""
    return run(tmp_path_factory.mktemp("smoke") / "a", *PARTS)


def test_the_same_code_says_the_same(smoke: Path) -> None:
    found = rechecked(smoke)
    assert (found.changed, found.failed, found.warnings) == ([], [], [])
    assert len(found.judged) > 500
    assert found.effects > 30
    assert set(found.left_out) == {
        "its expectations are written by hand in the scenario",
        "judged without the oracle",
    }


def test_a_defect_fails_the_same_cases(tmp_path: Path) -> None:
    found = rechecked(run(tmp_path / "b", "--defect=datasets.check.any-instead-of-all", *PARTS[:1]))
    failed = {case for case, each in found.run.records.items() if each.verdict == Verdict.FAILED}
    left_out = {case for cases in found.left_out.values() for case in cases}
    assert {each.case for each in found.failed} == failed - left_out
    assert found.failed
    assert found.changed == []
