"""``report --merge``: the shards of a run, judged as that run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.stored.run import read_run

from ..report.folders import CASE, arrival, check, seen, write_run

Say = Callable[..., tuple[int, str]]
UNUSED = ["accepted::1", "the difference that it accepts does not happen: effects"]


def shard(
    folder: Path,
    number: int,
    *records: CheckRecord,
    finished: Mapping[str, Any] | None = {},
    **more: Any,
) -> Path:
    """The folder of a shard of two, whose check has a name of its own."""
    ended = {"collection": "abc", "collected": 1, **finished} if finished is not None else None
    given = {"run": f"harness-0000000{number}", "shard": f"{number}/2", **more}
    given.setdefault("narrowed", [f"--shard {number}/2"])
    return write_run(folder / f"{number}", *(records or [passed(number)]), finished=ended, **given)


def passed(number: int, **more: Any) -> CheckRecord:
    return check(seen(), **{"case": f"{CASE}{number}", "rules": (f"rule.{number}",), **more})


def merged(say: Say, folder: Path) -> tuple[int, str]:
    return say("report", "--merge", folder / "2", folder / "1", "--output", folder / "all")


def summary(folder: Path) -> Any:
    return json.loads((folder / "all" / "summary.json").read_text(encoding="utf-8"))


def test_two_shards_are_one_run(say: Say, tmp_path: Path) -> None:
    rules = ["rule.1", "rule.2", "rule.3"]
    for number, seconds in ((1, 3.0), (2, 5.0)):
        shard(tmp_path, number, rules=rules, finished={"seconds": seconds, "requests": 10})
    code, said = merged(say, tmp_path)
    assert code == 0, said
    assert "2 of 3 rules" in said
    found = summary(tmp_path)
    assert found["checks"]["passed"] == 2
    assert found["rules_not_exercised"] == ["rule.3"]
    assert (found["seconds"], found["requests"]) == (5.0, 20)
    run = read_run(tmp_path / "all")
    assert run.started["narrowed"] == []
    assert run.started["shard"] is None
    assert [run.run_of(f"{CASE}{number}") for number in (1, 2)] == [
        "harness-00000001",
        "harness-00000002",
    ]


def test_a_failure_of_one_shard_fails_the_run(say: Say, tmp_path: Path) -> None:
    shard(tmp_path, 1)
    shard(tmp_path, 2, check(seen(403, "deny"), verdict=Verdict.FAILED))
    code, said = merged(say, tmp_path)
    assert code == 1
    assert "what differs, worst first" in said


def test_a_killed_shard_leaves_the_run_unknown(say: Say, tmp_path: Path) -> None:
    shard(tmp_path, 1)
    shard(tmp_path, 2, finished=None)
    assert merged(say, tmp_path)[0] == 2
    assert summary(tmp_path)["interrupted"] is True


def test_a_shard_that_gave_up_leaves_the_run_unknown(say: Say, tmp_path: Path) -> None:
    for number in (1, 2):
        shard(tmp_path, number, finished={"collected": 3 - number}, about=["starts"])
    code, said = merged(say, tmp_path)
    assert code == 2
    # It may be among the missing checks.
    assert "close the entry" not in said


def test_known_deviations_that_no_shard_shows_are_gone(say: Say, tmp_path: Path) -> None:
    for number in (1, 2):
        shard(tmp_path, number, profile="standard", about=["starts"])
    code, said = merged(say, tmp_path)
    assert code == 1
    assert "close the entry" in said


def test_what_narrows_a_run_beside_its_shards_leaves_the_ledger_alone(
    say: Say, tmp_path: Path
) -> None:
    for number in (1, 2):
        narrowed = ["only create", f"--shard {number}/2"]
        shard(tmp_path, number, about=["starts"], narrowed=narrowed)
    assert merged(say, tmp_path)[0] == 0
    assert read_run(tmp_path / "all").started["narrowed"] == ["only create"]


@pytest.mark.parametrize(("elsewhere", "code"), [(True, 0), (False, 1)])
def test_an_accepted_difference_has_to_happen_in_some_shard(
    elsewhere: bool, code: int, say: Say, tmp_path: Path
) -> None:
    shard(tmp_path, 1, finished={"unused": [UNUSED]})
    shard(tmp_path, 2, finished={"unused": [] if elsewhere else [UNUSED]})
    found, said = merged(say, tmp_path)
    assert found == code, said


def test_an_entry_past_its_date_is_one_failure(say: Say, tmp_path: Path) -> None:
    for number in (1, 2):
        old = check(case="accepted::1", verdict=Verdict.FAILED, reason="past its date")
        shard(tmp_path, number, passed(number), old)
    assert merged(say, tmp_path)[0] == 1
    assert summary(tmp_path)["checks"]["failed"] == 1


def test_journals_and_logs_come_along(say: Say, tmp_path: Path) -> None:
    for number in (1, 2):
        mail = arrival("email", f"token-{number}", subject=f"subject {number}", rcpt_tos=["a@b"])
        folder = shard(tmp_path, number, arrivals=[mail])
        (folder / "backend-union.log").write_text(f"log {number}\n", encoding="utf-8")
    assert merged(say, tmp_path)[0] == 0
    journal = (tmp_path / "all" / "journal.jsonl").read_text(encoding="utf-8")
    assert "subject 1" in journal
    assert "subject 2" in journal
    log = tmp_path / "all" / "shard-2-of-2-backend-union.log"
    assert log.read_text(encoding="utf-8") == "log 2\n"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"shard": None}, "2: is no shard of a run; give report folders of 'run --shard I/N'"),
        ({"shard": "2/3"}, "is one of 3; give the shards of one run"),
        ({"shard": "1/2"}, "is shard 1/2, as"),
        ({"shard": "x"}, "shard: is no shard such as 2/3"),
        ({"backend_version": "v5.2.1"}, "has another release than"),
        ({"digest": "sha256:1"}, "has another image than"),
        ({"narrowed": ["--shard 2/2", "only read"]}, "has other options that narrow it than"),
        ({"finished": {"collection": "xyz"}}, "has other checks to choose from than"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_what_are_not_the_shards_of_one_run(
    changed: dict[str, Any], says: str, say: Say, tmp_path: Path
) -> None:
    shard(tmp_path, 1)
    shard(tmp_path, 2, **changed)
    code, said = merged(say, tmp_path)
    assert code == 3
    assert says in said
    # Nothing is written before that is known.
    assert not (tmp_path / "all").exists()


def test_a_merged_run_takes_the_place_of_an_earlier_one(say: Say, tmp_path: Path) -> None:
    for number in (1, 2):
        shard(tmp_path, number)
    assert merged(say, tmp_path)[0] == 0
    assert merged(say, tmp_path)[0] == 0
    assert len(read_run(tmp_path / "all").records) == 2


def test_a_missing_shard(say: Say, tmp_path: Path) -> None:
    folder = shard(tmp_path, 1)
    code, said = say("report", "--merge", folder)
    assert (code, "shard 2/2 is missing; give all 2 of them" in said) == (3, True)


def test_the_same_check_in_two_shards(say: Say, tmp_path: Path) -> None:
    for number in (1, 2):
        shard(tmp_path, number, passed(1))
    code, said = merged(say, tmp_path)
    assert (code, f"has the check {CASE}1, too" in said) == (3, True)


def test_a_shard_is_not_overwritten(say: Say, tmp_path: Path) -> None:
    folders = [shard(tmp_path, number) for number in (1, 2)]
    code, said = say("report", "--merge", *folders, "--output", folders[0])
    assert (code, "is one of the shards; give another folder" in said) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--merge",), "give the report folders of all shards"),
        (("--merge", "1", "--format", "json"), "--merge writes all reports of a run"),
        (("1", "2"), "2 report folders are given; give one, or --merge those of shards"),
        ((), "0 report folders are given"),
    ],
)
def test_wrong_arguments(arguments: tuple[str, ...], says: str, say: Say, tmp_path: Path) -> None:
    for number in (1, 2):
        shard(tmp_path, number)
    given = [tmp_path / each if each in ("1", "2") else each for each in arguments]
    code, said = say("report", *given)
    assert (code, says in said) == (3, True), said
