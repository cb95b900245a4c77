"""The command explore: it finds a defect, makes its sequence short, and repeats by its seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from .runs import harness


def test_a_correct_backend_is_as_predicted(tmp_path: Path) -> None:
    run = harness(
        *("explore", "--seed=3", "--examples=40", "--seconds=60"), "--report-dir=r", cwd=tmp_path
    )
    assert run.code == 0, run.output
    assert "2 passed" in run.output


@pytest.mark.parametrize(
    ("defect", "said"),
    [
        ("rows.newest-first", "lists v4/jobs"),
        ("state.update-empties-parameters", "jobParams"),
        ("actions.email.despite-denial", "unexpected email"),
    ],
)
def test_a_defect_is_found_and_shown_by_few_steps(defect: str, said: str, tmp_path: Path) -> None:
    arguments = ("explore", "--seed=3", "--examples=1200", f"--defect={defect}", "--report-dir=r")
    run = harness(*arguments, cwd=tmp_path)
    assert run.code == 1, run.output
    assert "seed 3: the same sequences again with --seed 3" in run.output
    assert said in run.output
    assert "a sequence of" in run.output
    steps = int(run.output.partition("a sequence of ")[2].split()[0])
    assert steps <= 4
    assert "curl -X" in run.output


def test_a_deviation_without_its_entry(tmp_path: Path) -> None:
    run = harness(
        *("explore", "--seed=4", "--examples=500", "--without=limit-before-skip"),
        "--report-dir=r",
        cwd=tmp_path,
    )
    assert run.code == 1, run.output
    assert "lists v4/jobs" in run.output


def test_an_unknown_entry(tmp_path: Path) -> None:
    run = harness("explore", "--without=nosuch", cwd=tmp_path)
    assert run.code == 3
    assert "no entry 'nosuch'" in run.output


def test_an_external_backend_needs_a_word(tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text("[]")
    run = harness(
        *("explore", "--deployment=external", "--url=http://127.0.0.1:9"),
        "--accounts=accounts.json",
        cwd=tmp_path,
    )
    assert run.code == 3
    assert "--allow-writes" in run.output
