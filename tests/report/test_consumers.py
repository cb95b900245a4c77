"""Reports are consumers of one stream: each file, and when it is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.judge.ledger import Severity
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.allure import AllureResults
from scicat_harness.report.events import Consumer, EventStream, JsonLines
from scicat_harness.report.known import ProjectFacts
from scicat_harness.report.markdown import MarkdownFile
from scicat_harness.report.summary import Summary, SummaryFile
from scicat_harness.report.table import grid

from ..stubs import record_of

STARTED = {
    "deployment": "embedded",
    "backend_version": "v5.2.1",
    "profile": "smoke",
    "expect": "observed",
    "run": "run",
    "rules": ["create.allowed.all", "create.type.unknown"],
}
FINISHED: dict[str, Any] = {
    "seconds": 1.0,
    "requests": 3,
    "left_behind": ["one job"],
    "interrupted": False,
}
RECORDS = (
    record_of(Verdict.PASSED),
    record_of(Verdict.FAILED, reason="status 201 instead of 403", job_type="owner_access"),
    record_of(Verdict.DEVIATING, ledger="an-entry"),
    record_of(Verdict.NOT_VERIFIABLE, reason="needs another backend"),
    record_of(Verdict.UNKNOWN, reason="no reply"),
)


def play(*consumers: Consumer) -> None:
    """A whole run with one check of every verdict."""
    stream = EventStream(list(consumers))
    stream.emit("started", STARTED)
    for record in RECORDS:
        story = "the story" if record.verdict == Verdict.FAILED else ""
        stream.emit("check", {"record": record.to_json(), "seconds": 0.5, "story": story})
    stream.emit("finished", FINISHED)


def lines(path: Path) -> list[dict[str, Any]]:
    """The events in a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_event_is_on_disk_before_the_next_one_comes(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    events = JsonLines(path)
    for number, kind in enumerate(("started", "check", "finished"), start=1):
        events.take(kind, {"n": number})
        assert [each["n"] for each in lines(path)] == list(range(1, number + 1))


def test_the_events_tell_the_whole_run(tmp_path: Path) -> None:
    play(JsonLines(tmp_path / "events.jsonl"))
    found = lines(tmp_path / "events.jsonl")
    assert [each["event"] for each in found] == ["started", *["check"] * 5, "finished"]
    assert all(each["at"] for each in found)
    assert found[2]["record"]["reason"] == "status 201 instead of 403"


def test_the_summary_is_written_at_the_end(tmp_path: Path) -> None:
    summary = Summary()
    play(summary, SummaryFile(tmp_path / "summary.json", summary))
    assert json.loads((tmp_path / "summary.json").read_text()) == summary.to_json()
    assert summary.verdict == "fail"


def test_the_image_that_was_judged_is_told(tmp_path: Path) -> None:
    summary = Summary()
    image = {"image": "scicat:latest", "digest": "scicat@sha256:4f"}
    text = tmp_path / "summary.md"
    stream = EventStream([summary, MarkdownFile(text, summary, ProjectFacts((), {}, LEDGER))])
    stream.emit("started", STARTED | image)
    stream.emit("finished", FINISHED)
    assert summary.to_json() | image == summary.to_json()
    assert "Image `scicat:latest`, `scicat@sha256:4f`." in text.read_text()


@pytest.fixture
def shown(tmp_path: Path) -> str:
    """The Markdown of the run."""
    summary = Summary()
    tables = {"create": ("all_access", "owner_access", "never"), "update": ("all_update",)}
    known = ProjectFacts(("user1", "user2"), tables, LEDGER)
    play(summary, MarkdownFile(tmp_path / "summary.md", summary, known))
    return (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_markdown_begins_with_the_verdict_and_the_counts(shown: str) -> None:
    assert shown.startswith("# SciCat jobs: fail\n")
    assert "1 passed, 1 deviating, 1 failed, 1 not verifiable, 1 unknown" in shown
    assert "1 of 2 rules exercised, 3 requests" in shown
    assert "It shows 1 known deviation." in shown


def test_markdown_says_how_severe_known_deviations_are(tmp_path: Path) -> None:
    severe = next(each for each in LEDGER.entries if each.severity is Severity.HIGH)
    summary = Summary()
    text = tmp_path / "summary.md"
    stream = EventStream([summary, MarkdownFile(text, summary, ProjectFacts((), {}, LEDGER))])
    stream.emit("started", STARTED)
    stream.emit("check", {"record": record_of(Verdict.DEVIATING, ledger=severe.id).to_json()})
    stream.emit("finished", FINISHED)
    assert "It shows 1 known deviation, 1 of high severity." in text.read_text()
    assert f"{severe.id}, high: 1 checks" in text.read_text()


def test_markdown_has_the_table_of_what_was_tried(shown: str) -> None:
    assert "| identity | all_access | owner_access |" in shown
    assert "| user1 | A | A! |" in shown
    assert "user2" not in shown
    assert "## Update" not in shown


@pytest.mark.parametrize(
    "line",
    [
        "status 201 instead of 403",
        "* an-entry: 1 checks",
        "* 1 checks: needs another backend",
        "* one job",
        "* create.type.unknown",
    ],
)
def test_markdown_names_what_needs_attention(shown: str, line: str) -> None:
    assert line in shown


def test_allure_results_parse_and_have_a_status_each(tmp_path: Path) -> None:
    play(AllureResults(tmp_path, LEDGER))
    results = [json.loads(path.read_text()) for path in tmp_path.glob("*-result.json")]
    assert sorted(each["status"] for each in results) == [
        "broken",
        "failed",
        "passed",
        "passed",
        "skipped",
    ]
    failed = next(each for each in results if each["status"] == "failed")
    assert failed["statusDetails"]["message"] == "status 201 instead of 403"
    assert failed["statusDetails"]["trace"] == "the story"
    assert failed["stop"] - failed["start"] == 500
    assert {"name": "story", "value": "create.allowed.all"} in failed["labels"]


def test_one_check_keeps_its_history_in_allure(tmp_path: Path) -> None:
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        play(AllureResults(tmp_path / run, LEDGER))
    ids = [
        {
            json.loads(path.read_text())["historyId"]
            for path in (tmp_path / run).glob("*-result.json")
        }
        for run in ("first", "second")
    ]
    assert ids[0] == ids[1]


def test_the_grid_has_what_was_tried_in_the_order_given() -> None:
    summary = Summary()
    play(summary)
    found = grid(summary, "create", ("user2", "user1"), ("owner_access", "all_access"))
    assert found.columns == ("owner_access", "all_access")
    assert found.rows == (("user1", ("A!", "A")),)
