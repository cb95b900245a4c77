"""The journal of a stored run: damaged lines are left out, and the report says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.stored.journal import read_journal

from .folders import arrival, check, page_of_run, seen, write_run


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


ARRIVAL = arrival("email", "token", subject="seen").to_json()
DAMAGED: dict[str, Any] = {
    "a list": [],
    "nothing": None,
    "no channel": {key: value for key, value in ARRIVAL.items() if key != "channel"},
    "a channel that is no text": {**ARRIVAL, "channel": ["email"]},
    "a content that is no object": {**ARRIVAL, "content": []},
    "recipients that are no list": {**ARRIVAL, "content": {"rcpt_tos": 1}},
    "a header without value": {**ARRIVAL, "channel": "url", "content": {"headers": [["one"]]}},
    "properties that are a list": {**ARRIVAL, "channel": "amqp", "content": {"properties": []}},
    "deeply nested": {**ARRIVAL, "channel": "log", "content": {"x": _nested(400)}},
}


@pytest.mark.parametrize("line", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_line_is_left_out_and_named(line: Any, tmp_path: Path) -> None:
    failed = check(seen(), verdict=Verdict.FAILED, correlation="token")
    folder = write_run(tmp_path, failed)
    lines = (json.dumps(line), json.dumps(ARRIVAL), json.dumps(ARRIVAL)[:20])
    (folder / "journal.jsonl").write_text("\n".join(lines), encoding="utf-8")
    page = page_of_run(folder)
    assert "1 damaged lines of journal.jsonl are left out; the first is 1" in page
    assert "subject: seen" in page


def test_a_whole_journal_is_not_spoken_of(tmp_path: Path) -> None:
    failed = check(seen(), verdict=Verdict.FAILED, correlation="token")
    folder = write_run(tmp_path, failed, arrivals=[arrival("email", "token", subject="seen")])
    page = page_of_run(folder)
    assert "subject: seen" in page
    assert "damaged" not in page


def test_a_journal_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path), mode)

    (tmp_path / "journal.jsonl").touch()
    monkeypatch.setattr(Path, "open", refuse)  # root may read everything
    with pytest.raises(UsageFault, match=r"journal.jsonl: cannot be read \(Permission denied\)"):
        read_journal(tmp_path, {"token"})
