"""``scicat-harness diff``: what it prints, where, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scicat_harness.judge.record import CheckRecord

from ..report.folders import CASE, check, seen, write_run

Say = Callable[..., tuple[int, str]]
DENIED, ALLOWED = check(seen(403, "deny")), check(seen(201))


def folders(tmp_path: Path, was: CheckRecord, now: CheckRecord) -> tuple[Path, Path]:
    """Two runs with a check each."""
    return (
        write_run(tmp_path / "a", was),
        write_run(tmp_path / "b", now, backend_version="v5.2.1"),
    )


def test_the_table(say: Say, tmp_path: Path) -> None:
    a, b = folders(tmp_path, DENIED, ALLOWED)
    code, said = say("diff", a, b)
    assert code == 1
    assert said == (
        f"A  v5.0.1 (embedded, smoke, 1 check, pass) {a}\n"
        f"B  v5.2.1 (embedded, smoke, 1 check, pass) {b}\n"
        "1 case judged in both, 1 request, the effects of 1 of them\n"
        "\n"
        "what changed, worst first\n"
        "    1  more permissive: create v4 as user1: 403 deny before, 201 allow now, by a.rule; "
        "e.g.\n"
        "      create/matrix [user1-owner_access-own]\n"
        "who is who: user1: member of the owning group\n"
        "\n"
        "more permissive: 1 case in 1 line\n"
    )
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["a", "b", *["events.jsonl"] * 2]


def test_every_request_that_changed(say: Say, tmp_path: Path) -> None:
    code, said = say("diff", *folders(tmp_path, DENIED, ALLOWED), "--verbose")
    assert code == 1
    assert "what changed, worst first" in said
    assert (
        "authorization: who may do what\n"
        "! POST /jobs v4  deny 403 -> allow 201  1  user1 x owner_access; a.rule; e.g. "
        "create/matrix\n"
    ) in said


def test_no_change(say: Say, tmp_path: Path) -> None:
    code, said = say("diff", *folders(tmp_path, DENIED, DENIED))
    assert (code, said.splitlines()[-1]) == (0, "no change")


def test_warnings_and_what_only_one_run_tells(say: Say, tmp_path: Path) -> None:
    a = write_run(tmp_path / "a", DENIED, rules=["one.rule"], finished=None)
    b = write_run(tmp_path / "b", DENIED, check(seen(), case=f"{CASE}-b"))
    code, said = say("diff", a, b)
    assert code == 2
    assert "warning: the verdict of A is unknown: it proves nothing" in said
    assert "only in one run\n  rules only in A (v5.0.1): 1: one.rule\n" in said


@pytest.mark.parametrize("form", ["json", "markdown"])
def test_other_formats(form: str, say: Say, tmp_path: Path) -> None:
    code, said = say("diff", *folders(tmp_path, DENIED, ALLOWED), "--format", form)
    assert code == 1
    if form == "json":
        assert json.loads(said)["authorization"][0]["cells"] == [
            {"identity": "user1", "job_type": "owner_access"}
        ]
    else:
        assert said.startswith("# v5.0.1 to v5.2.1: more permissive")


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_into_a_file(form: str, say: Say, tmp_path: Path) -> None:
    file = tmp_path / "diff.txt"
    odd = check(seen(201, "allow", {"channel": "log", "text": "half a letter: \ud83d"}))
    given = folders(tmp_path, DENIED, odd)
    code, said = say("diff", *given, "--format", form, "--output", file)
    assert (code, said) == (1, "more permissive: 1 case in 1 line\n")
    assert "v5.0.1" in file.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written(say: Say, tmp_path: Path) -> None:
    given = folders(tmp_path, DENIED, DENIED)
    code, said = say("diff", *given, "--output", tmp_path / "missing" / "diff.txt")
    assert code == 2
    assert "cannot be written (No such file or directory)" in said


def test_a_folder_that_is_not_there(say: Say, tmp_path: Path) -> None:
    a, _ = folders(tmp_path, DENIED, DENIED)
    code, said = say("diff", a, tmp_path / "missing")
    assert code == 3
    assert "cannot be read (No such file or directory)" in said


def test_one_folder_alone_is_wrong_usage(say: Say, tmp_path: Path) -> None:
    assert say("diff", tmp_path)[0] == 3
