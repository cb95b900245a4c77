"""Reading a report folder back: whatever a run may have left there."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ExitCode, UsageFault
from harness.model.outcome import Verdict
from harness.report.diff.folder import read_run

from .folders import CASE, check, run_of, seen, write_run


def test_a_whole_run(tmp_path: Path) -> None:
    found = run_of(tmp_path, check(seen()))
    assert (found.version, found.verdict, found.finished, found.whole) == (
        "v5.0.1",
        "pass",
        True,
        True,
    )
    assert list(found.records) == [CASE]


def test_a_run_of_an_older_version_has_no_requests_to_compare(tmp_path: Path) -> None:
    assert not run_of(tmp_path, check()).whole


def test_an_older_version_did_not_say_whether_it_was_interrupted(tmp_path: Path) -> None:
    write_run(tmp_path, check(), finished=None)
    finished = '{"event":"finished","seconds":1,"requests":1,"left_behind":[]}\n'
    with (tmp_path / "events.jsonl").open("a") as events:
        events.write(finished)
    assert read_run(tmp_path).verdict == "pass"


def test_what_a_run_notes_of_itself_is_no_case(tmp_path: Path) -> None:
    noted = [check(case=f"{name}::x") for name in ("audit", "ledger")]
    assert run_of(tmp_path, *noted).records == {}


@pytest.mark.parametrize("rest", ["", '{"event":"check","rec', '{"event"'])
def test_a_killed_run_is_read_as_far_as_it_goes(rest: str, tmp_path: Path) -> None:
    found = run_of(tmp_path, check(seen()), finished=None, rest=rest)
    assert (len(found.records), found.finished, found.verdict) == (1, False, "unknown")


def test_an_interrupted_run_is_unknown(tmp_path: Path) -> None:
    found = run_of(tmp_path, check(seen()), finished={"interrupted": True})
    assert (found.finished, found.verdict) == (True, "unknown")


def test_a_failure_stays_a_failure_however_the_run_ended(tmp_path: Path) -> None:
    failed = check(seen(), verdict=Verdict.FAILED)
    assert run_of(tmp_path, failed, finished=None).verdict == "fail"


def unreadable(folder: Path) -> str:
    """What is said of a folder that cannot be read."""
    with pytest.raises(UsageFault) as found:
        read_run(folder)
    assert found.value.exit_code == ExitCode.WRONG_USAGE
    return str(found.value)


def test_a_folder_without_events(tmp_path: Path) -> None:
    assert "events.jsonl: cannot be read (No such file or directory)" in unreadable(tmp_path)


def test_a_line_that_is_not_json(tmp_path: Path) -> None:
    write_run(tmp_path, check(seen()), rest="garbage\n{}\n")
    assert "line 4 is not JSON" in unreadable(tmp_path)


@pytest.mark.parametrize("text", ["", '{"event": "finished"', '{"event": "other"}\n'])
def test_a_file_that_tells_of_no_run(text: str, tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text(text)
    assert "does not tell of a run" in unreadable(tmp_path)


@pytest.mark.parametrize(
    "line",
    ["[]", "1", '"text"', "{}", '{"event": "check"}', '{"event": "check", "record": {"new": 1}}'],
)
def test_an_event_of_another_kind_of_file(line: str, tmp_path: Path) -> None:
    write_run(tmp_path, rest=f"{line}\n")
    assert "line 3 is no event of a run" in unreadable(tmp_path)


def test_no_text_at_all(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(b"\xff\xfe\x00")
    assert "is no text" in unreadable(tmp_path)
