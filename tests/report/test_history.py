"""history: many runs as one page, each compared with the run before of its target."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scicat_harness.cli.main import main
from scicat_harness.errors import UsageFault
from scicat_harness.report.history import badge, histories, past_runs

from .test_page import Elements

HOSTILE = "<b onload=x>&"


def report(folder: Path, at: str, verdict: str = "pass", **changed: object) -> Path:
    """A report folder, as far as a history reads it."""
    folder.mkdir(parents=True)
    summary = {
        "verdict": verdict,
        "deployment": "containers",
        "backend_version": "v5.2.1",
        "checks": {"passed": 9, "failed": int(verdict == "fail")},
        "seconds": 12.3,
        "requests": 10,
        "profile": "standard",
        "expect": "observed",
        "image": "backend:latest",
        "causes": [],
        "known_deviations": {"an-entry": 3},
        **changed,
    }
    (folder / "summary.json").write_text(json.dumps(summary))
    first = {"event": "started", "at": f"2026-03-{at}T02:17:00+00:00"}
    (folder / "events.jsonl").write_text(json.dumps(first) + "\n")
    return folder


def cause(line: str) -> dict[str, str]:
    return {"kind": "crash", "line": line}


def test_what_came_and_went_since_the_run_before(tmp_path: Path) -> None:
    report(tmp_path / "b", "02", "fail", causes=[cause("boom")], known_deviations={})
    report(tmp_path / "a", "01")
    report(tmp_path / "c", "03")
    (found,) = histories(past_runs([tmp_path]))
    assert [each.run.folder.name for each in found.steps] == ["c", "b", "a"]
    newest, middle, first = found.steps
    assert (first.came, first.went) == ((), ())
    assert (middle.came, middle.went) == (("crash: boom",), ("known deviation: an-entry",))
    assert (newest.came, newest.went) == (("known deviation: an-entry",), ("crash: boom",))


def test_targets_are_apart_and_the_newest_comes_first(tmp_path: Path) -> None:
    runs = past_runs(
        [
            report(tmp_path / "a", "03"),
            report(tmp_path / "b", "04", profile="smoke"),
            report(tmp_path / "c", "01", image=None),
        ]
    )
    assert [each.target for each in histories(runs)] == [
        "backend:latest, containers, smoke, observed",
        "backend:latest, containers, standard, observed",
        "v5.2.1, containers, standard, observed",
    ]


@pytest.mark.parametrize(
    ("verdict", "colour"), [("pass", "brightgreen"), ("fail", "red"), ("unknown", "yellow")]
)
def test_the_badge(verdict: str, colour: str, tmp_path: Path) -> None:
    (run,) = past_runs([report(tmp_path / "a", "01", verdict)])
    assert badge(run) == {
        "schemaVersion": 1,
        "label": "SciCat jobs",
        "message": f"v5.2.1 {verdict}",
        "color": colour,
    }


def test_the_page_escapes_and_loads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report(tmp_path / "runs" / "a", "01")
    report(tmp_path / "runs" / "b", "02", "fail", causes=[cause(HOSTILE)], image=HOSTILE)
    report(tmp_path / "runs" / "c", "03", "fail", causes=[cause(HOSTILE)])
    with pytest.raises(SystemExit) as ended:
        main(["history", "runs", "--output", "public"])
    assert ended.value.code == 0
    page = Elements((tmp_path / "public" / "index.html").read_text("utf-8"))
    assert page.open == []
    assert page.named("script") == page.named("img") == []
    assert all((each["href"] or "").startswith("#") for each in page.named("a"))
    assert json.loads((tmp_path / "public" / "badge.json").read_text("utf-8"))["color"] == "red"


def test_a_page_of_others_is_not_replaced(tmp_path: Path) -> None:
    report(tmp_path / "runs" / "a", "01")
    given = ["history", str(tmp_path / "runs"), "--output", str(tmp_path / "site")]
    for text, code in (("", 0), ("<html>my site</html>", 3)):
        if text:
            (tmp_path / "site" / "index.html").write_text(text)
        # Twice: a page of ours is replaced.
        for _ in range(2):
            with pytest.raises(SystemExit) as ended:
                main(given)
            assert ended.value.code == code
    assert (tmp_path / "site" / "index.html").read_text() == text


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=r"no summary\.json"):
        past_runs([tmp_path])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"verdict": 1, "checks": []}'])
def test_a_damaged_summary_is_one_message(text: str, tmp_path: Path) -> None:
    folder = report(tmp_path / "a", "01")
    (folder / "summary.json").write_text(text)
    with pytest.raises(UsageFault, match=r"summary\.json: is no summary of a run"):
        past_runs([folder])


def test_lost_events_are_one_message(tmp_path: Path) -> None:
    folder = report(tmp_path / "a", "01")
    (folder / "events.jsonl").unlink()
    with pytest.raises(UsageFault, match=r"events\.jsonl"):
        past_runs([folder])
