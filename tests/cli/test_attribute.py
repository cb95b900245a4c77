"""The command attribute: parts of a run are repeated until one check is left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import pytest

from scicat_harness.suite.attributing import attributed

from ..plugin.runs import harness

CHECKS = [f"scenarios/a.py::test[{number}]" for number in range(100)]
FINDING = "the dataset harness-1f2e3d4c/own changed"
KIND = "the dataset * changed"


def repeating(*needed: int) -> tuple[list[int], Callable[[Sequence[str]], Collection[str]]]:
    """A run that shows the finding if all needed checks are in it; the sizes of what was run."""
    sizes: list[int] = []

    def repeat(checks: Sequence[str]) -> Collection[str]:
        sizes.append(len(checks))
        return {KIND} if {CHECKS[each] for each in needed} <= set(checks) else set()

    return sizes, repeat


@pytest.mark.parametrize("place", [0, 42, 99])
def test_one_check(place: int) -> None:
    sizes, repeat = repeating(place)
    found = attributed(FINDING, CHECKS, repeat)
    assert (found.checks, found.again) == ([CHECKS[place]], True)
    # Each half once; the half of one is known to show it.
    assert len(sizes) <= 14


def test_two_checks_that_need_each_other() -> None:
    found = attributed(FINDING, CHECKS, repeating(10, 20)[1])
    assert found.again
    assert {CHECKS[10], CHECKS[20]} <= set(found.checks)
    assert len(found.checks) < 30


def test_a_finding_that_does_not_come_again() -> None:
    found = attributed(FINDING, CHECKS, lambda _: set())
    assert not found.again
    found = attributed(FINDING, CHECKS[:1], lambda _: set())
    assert not found.again


def test_checks_that_were_under_way_are_tried_first() -> None:
    sizes, repeat = repeating(7)
    finding = f"{FINDING} (at 2026-01-01T00:00:00Z, during {CHECKS[7]}, {CHECKS[8]})"
    found = attributed(finding, CHECKS, repeat)
    assert found.checks == [CHECKS[7]]
    assert sizes[0] == 2


def test_a_run(tmp_path: Path) -> None:
    options = ("--defect=state.create-tags-dataset", "-n0")
    only = ("--only=lifecycle", "-ktest_new_job or test_bodies")
    run = harness("run", *only, *options, "--report-dir=r", cwd=tmp_path)
    assert run.code == 1, run.output
    assert "which check did it: scicat-harness attribute" in run.output
    found = harness("attribute", "r", *options, cwd=tmp_path)
    assert found.code == 1, found.output
    assert "keywords" in found.output
    checks = [line for line in found.output.splitlines() if line.startswith("  scenarios/")]
    assert len(checks) == 1, found.output


def test_a_run_without_findings(tmp_path: Path) -> None:
    harness("run", "--only=delete", "-n0", "--report-dir=r", cwd=tmp_path)
    found = harness("attribute", "r", cwd=tmp_path)
    assert found.code == 0
    assert "no finding" in found.output


def test_a_repetition_without_a_verdict(tmp_path: Path) -> None:
    options = ("--defect=state.create-tags-dataset", "-n0", "--only=create", "-klattice")
    harness("run", *options, "--report-dir=r", cwd=tmp_path)
    found = harness("attribute", "r", "--defect=nosuch", cwd=tmp_path)
    assert found.code == 2
    assert "has no verdict" in found.output
    assert "nosuch" in found.output
