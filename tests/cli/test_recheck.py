"""``scicat-harness recheck``: what it prints, where, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.model.release import CURRENT

from ..report.folders import check, seen, write_run

Say = Callable[..., tuple[int, str]]
CASE = "scenarios/read/test_one.py::test_through_v4[operator-nobodys]"
READ = seen(200, operation="read", effects=None, watched=False)
DENIED = seen(403, "deny", operation="read", effects=None, watched=False)
STARTED: dict[str, Any] = {"backend_version": str(CURRENT), "profile": "standard"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of one read that is as specified."""
    return write_run(tmp_path / "run", check(READ, case=CASE), **STARTED)


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A run of one read that was refused."""
    return write_run(tmp_path / "wrong", check(DENIED, case=CASE), **STARTED)


def test_nothing_fails(say: Say, run: Path) -> None:
    code, said = say("recheck", run)
    assert code == 0
    assert "1 of 1 cases judged again, the effects of 0: 1 passed, 0 deviating, 0 failed" in said
    assert said.endswith("\nno case that could be judged again fails today\n")


def test_something_fails(say: Say, wrong: Path) -> None:
    code, said = say("recheck", wrong)
    assert code == 1
    assert "passed -> failed  read.allowed." in said
    assert said.endswith("\nfails today: 1 case, by 1 rule\n")


def test_nothing_can_be_judged(say: Say, tmp_path: Path) -> None:
    code, said = say("recheck", write_run(tmp_path / "run", check(READ), **STARTED))
    assert (code, said.splitlines()[-1]) == (2, "nothing could be judged again")


@pytest.mark.parametrize("form", ["text", "json"])
def test_into_a_file(form: str, say: Say, wrong: Path, tmp_path: Path) -> None:
    file = tmp_path / "recheck.txt"
    code, said = say("recheck", wrong, "--format", form, "--output", file)
    assert (code, said) == (1, "fails today: 1 case, by 1 rule\n")
    text = file.read_text(encoding="utf-8")
    if form == "json":
        assert [each["case"] for each in json.loads(text)["cases"]] == [CASE]
    else:
        assert "status 403 instead of 200" in text


def test_a_file_that_cannot_be_written(say: Say, run: Path, tmp_path: Path) -> None:
    code, said = say("recheck", run, "--output", tmp_path / "missing" / "file")
    assert code == 2
    assert "cannot be written (No such file or directory)" in said


def test_a_folder_that_cannot_be_read(say: Say, tmp_path: Path) -> None:
    code, said = say("recheck", tmp_path / "missing")
    assert code == 3
    assert "cannot be read (No such file or directory)" in said
    (tmp_path / "events.jsonl").write_text("{}\n", encoding="utf-8")
    assert say("recheck", tmp_path)[0] == 3
