"""What needs no backend starts none: shown with a deployment that could not be started."""

from __future__ import annotations

from pathlib import Path

from .runs import harness, plain_pytest

NOWHERE = ("--deployment=external", "--url=http://127.0.0.1:1", "--accounts=no-such-file.json")


def test_list_starts_nothing_and_writes_nothing(tmp_path: Path) -> None:
    done = harness("list", "--profile=smoke", *NOWHERE, cwd=tmp_path)
    assert done.code == 0, done.output
    assert "test_every_auth_value[" in done.output
    assert list(tmp_path.iterdir()) == []


def test_an_unrelated_test_starts_nothing() -> None:
    done = plain_pytest("tests/client/test_bodies.py", *NOWHERE)
    assert done.code == 0, done.output
    assert done.says("passed")


def test_plain_pytest_judges_a_scenario(tmp_path: Path) -> None:
    done = plain_pytest(
        "scenarios/read/test_one.py",
        "--profile=smoke",
        "-q",
        f"--report-dir={tmp_path / 'report'}",
    )
    assert done.code == 0, done.output
    assert (tmp_path / "report" / "summary.json").is_file()
