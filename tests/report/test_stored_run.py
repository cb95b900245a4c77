"""Reading a report folder back: whatever a run may have left there."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from scicat_harness.errors import ExitCode, UsageFault
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.stored.run import read_run

from .folders import CASE, STARTED, check, run_of, seen, write_run


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


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "is empty"), ('{"event": "finished"', "has no event of a run")],
)
def test_a_file_that_tells_of_no_run(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text(text)
    assert said in unreadable(tmp_path)


@pytest.mark.parametrize("line", ["[]", "1", '"text"', "null"])
def test_a_line_that_is_no_object(line: str, tmp_path: Path) -> None:
    write_run(tmp_path, finished=None, rest=f"{line}\n")
    assert "line 2 is no event of a run (no JSON object)" in unreadable(tmp_path)


DAMAGE: dict[str, tuple[str, str]] = {
    "no kind": ("{}", "event: is none of started, check, finished; found None"),
    "another kind": ('{"event": "other"}', "event: is none of"),
    "a kind that is no text": ('{"event": ["check"]}', "event: is none of"),
    "no record": ('{"event": "check"}', "record: is missing"),
    "another record": ('{"event": "check", "record": {"new": 1}}', "record.case: is missing"),
    "a second start": (json.dumps({"event": "started", **STARTED}), "comes twice"),
    "time without offset": (
        '{"event": "check", "at": "2026-11-23T20:23:18"}',
        "at: must have an offset",
    ),
    "no time": ('{"event": "check", "at": "yesterday"}', "at: invalid isoformat string"),
}


@pytest.mark.parametrize(("line", "said"), DAMAGE.values(), ids=DAMAGE)
def test_an_event_that_is_none(line: str, said: str, tmp_path: Path) -> None:
    write_run(tmp_path, finished=None, rest=f"{line}\n")
    told = unreadable(tmp_path)
    assert f"{tmp_path}/events.jsonl: line 2 is no event of a run" in told
    assert said in told
    assert "give a report folder of 'run'" in told


def test_nothing_comes_after_the_last_event(tmp_path: Path) -> None:
    write_run(tmp_path, check(seen()), rest='{"event": "check", "record": {}}\n')
    assert "line 4 is no event" in unreadable(tmp_path)


def test_the_first_event_tells_of_the_start(tmp_path: Path) -> None:
    line = json.dumps({"event": "check", "record": check().to_json()})
    (tmp_path / "events.jsonl").write_text(f"{line}\n")
    assert "line 1 is no event of a run that" in unreadable(tmp_path)
    assert "event: must be 'started' in the first line" in unreadable(tmp_path)


def test_the_message_tells_key_value_and_fix(tmp_path: Path) -> None:
    write_run(tmp_path, replace(check(seen()), rules="create.x"))  # type: ignore[arg-type]
    text = (tmp_path / "events.jsonl").read_text()
    listed = json.dumps(list("create.x"))
    (tmp_path / "events.jsonl").write_text(text.replace(listed, '"create.x"'))
    assert unreadable(tmp_path) == (
        f"{tmp_path}/events.jsonl: line 2 is no event of a run that this version of the harness "
        "can read: record.rules: input should be a valid list; found 'create.x'; give a report "
        "folder of 'run', or run it again"
    )


BYTES: dict[str, tuple[bytes, str]] = {
    "binary": (b"\xff\xfe\x00\n", "line 2 is not UTF-8 (byte 1)"),
    "zeros": (b"\0" * 4096, "line 2 is not JSON"),
    "zeros, whole line": (b"\0" * 4096 + b"\n", "line 2 is not JSON"),
    "no text within": (b'{"event": "ch\xffeck"}\n', "line 2 is not UTF-8 (byte 14)"),
    "an empty line": (b"\n", "line 2 is not JSON"),
    "deeply nested": (b'{"event":' + b"[" * 100_000 + b"\n", "line 2 is nested too deep"),
    "a number without end": (b'{"event":' + b"9" * 9_999 + b"}\n", "line 2 is not JSON that can"),
    "a very long line": (b'{"event": "' + b"x" * 10_000_000 + b'"}\n', "xxx...; give"),
    "a carriage return": (b'{"a": \r}\n', "line 2 is not JSON"),
}


@pytest.mark.parametrize(("content", "said"), BYTES.values(), ids=BYTES)
def test_damaged_bytes(content: bytes, said: str, tmp_path: Path) -> None:
    write_run(tmp_path, finished=None)
    with (tmp_path / "events.jsonl").open("ab") as events:
        events.write(content)
    assert said in unreadable(tmp_path)
    assert len(unreadable(tmp_path)) < 600


@pytest.mark.parametrize("half", [b'{"event":"check","story":"\xe2\x82', b"{", b'{"a": 1}, {"b'])
def test_half_a_last_line_was_never_written(half: bytes, tmp_path: Path) -> None:
    write_run(tmp_path, check(seen()), finished=None)
    with (tmp_path / "events.jsonl").open("ab") as events:
        events.write(half)
    assert read_run(tmp_path).verdict == "unknown"


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    path = write_run(tmp_path, check(seen())) / "events.jsonl"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_run(tmp_path).verdict == "pass"


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be read (Not a directory)" in unreadable(tmp_path / "file")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "events.jsonl")
    assert "it is not a regular file" in unreadable(tmp_path)


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").mkdir()
    assert "it is not a regular file" in unreadable(tmp_path)


def test_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").symlink_to("events.jsonl")
    assert "cannot be read (Too many levels of symbolic links)" in unreadable(tmp_path)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    write_run(tmp_path)
    monkeypatch.setattr(Path, "read_bytes", refuse)  # root may read everything
    assert "cannot be read (Permission denied)" in unreadable(tmp_path)


def test_a_newer_version_may_tell_more(tmp_path: Path) -> None:
    told = check(seen(), rules=("a.rule.to.come",), deciding="a.rule.to.come", ledger="to-come")
    path = write_run(tmp_path, told, mood="cheerful") / "events.jsonl"
    path.write_text(path.read_text().replace('"record": {', '"record": {"mood": "cheerful", '))
    assert list(read_run(tmp_path).summary.ledger) == ["to-come"]


def test_an_older_version_told_less(tmp_path: Path) -> None:
    short = {"case": CASE, "operation": "create", "api": "v4", "identity": "", "job_type": "x"}
    events = (
        {"event": "started", **STARTED},
        {"event": "check", "record": {**short, "verdict": "passed"}},
        {"event": "finished", "seconds": 1, "requests": 1, "left_behind": []},
    )
    text = "".join(json.dumps(each) + "\n" for each in events)
    (tmp_path / "events.jsonl").write_text(text)
    found = read_run(tmp_path)
    assert (found.verdict, found.records[CASE].seen, found.whole) == ("pass", (), False)
