"""Allure results: labels, links and attachments; and what its own report must not do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.errors import EnvironmentFault
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.allure import AllureResults, fresh_results
from scicat_harness.report.allure_site import render_allure, without_analytics
from scicat_harness.report.replay import replay
from scicat_harness.report.stored.run import read_run

from .folders import CASE, check, seen, write_run

ANALYTICS = """<script src="app.js"></script>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>
<script>
    window.dataLayer = window.dataLayer || [];
    function gtag(){dataLayer.push(arguments);}
</script>
<script async>window.allureReportDataReady = true;</script>"""
OURS = """#!/bin/sh
mkdir -p "$3" && cat > "$3/index.html" <<'END'
{html}
END
"""


def result_of(tmp_path: Path, record: CheckRecord, story: str = "") -> dict[str, Any]:
    """The result of a run with this check."""
    folder = write_run(tmp_path / "run", record, stories={record.case: story})
    replay(read_run(folder), [AllureResults(fresh_results(tmp_path / "results"), LEDGER)])
    (path,) = (tmp_path / "results").glob("*-result.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def labels(result: dict[str, Any]) -> dict[str, str]:
    """The labels by name."""
    return {each["name"]: each["value"] for each in result["labels"]}


def test_a_result_is_found_by_who_what_and_why(tmp_path: Path) -> None:
    record = check(seen(), deciding="create.allowed.all", effects=("email",), identity="user1")
    found = labels(result_of(tmp_path, record))
    assert (found["identity"], found["rule"], found["channel"]) == (
        "user1",
        "create.allowed.all",
        "email",
    )
    assert (found["parentSuite"], found["suite"]) == ("create", "matrix")
    assert found["severity"] == "normal"


def test_a_known_deviation_has_its_severity_and_its_link(tmp_path: Path) -> None:
    record = check(seen(), verdict=Verdict.DEVIATING, ledger="owner-group-not-considered")
    found = result_of(tmp_path, record)
    assert labels(found)["severity"] == "normal"
    (link,) = found["links"]
    assert (link["type"], link["url"]) == (
        "issue",
        "https://github.com/SciCatProject/backend/pull/2713",
    )


@pytest.mark.parametrize(
    ("expected", "observed", "severity"),
    [("deny", "allow", "critical"), ("allow", "deny", "normal"), ("invalid", "allow", "normal")],
)
def test_what_lets_somebody_in_is_critical(
    expected: str, observed: str, severity: str, tmp_path: Path
) -> None:
    record = check(
        seen(observed=observed), verdict=Verdict.FAILED, expected=expected, reason="differs"
    )
    assert labels(result_of(tmp_path, record))["severity"] == severity


def test_a_failure_has_its_story_and_its_effects_attached(tmp_path: Path) -> None:
    record = check(seen(201, "allow", {"channel": "log"}), verdict=Verdict.FAILED, reason="why")
    found = result_of(tmp_path, record, "the story")
    story, effects = ((tmp_path / "results" / each["source"]) for each in found["attachments"])
    assert story.read_text() == "the story"
    assert json.loads(effects.read_text())[0]["effects"] == [{"channel": "log"}]


def test_the_same_events_make_the_same_files(tmp_path: Path) -> None:
    folder = write_run(tmp_path, check(seen()), check(seen(), case=f"{CASE}2"))
    contents = []
    for name in ("a", "b"):
        replay(read_run(folder), [AllureResults(fresh_results(tmp_path / name), LEDGER)])
        contents.append({each.name: each.read_bytes() for each in (tmp_path / name).iterdir()})
    assert contents[0] == contents[1]


def test_only_earlier_results_are_removed_from_a_folder(tmp_path: Path) -> None:
    for name in ("a-result.json", "b-attachment.txt", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "history").mkdir()
    fresh_results(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {"history", "notes.txt"}


def test_what_tells_google_of_a_visit_is_taken_out() -> None:
    assert without_analytics(ANALYTICS).split("\n\n\n") == [
        '<script src="app.js"></script>',
        "<script async>window.allureReportDataReady = true;</script>",
    ]


def command(tmp_path: Path, html: str, ending: str = "") -> str:
    """A stand-in for the npm package."""
    path = tmp_path / "allure"
    path.write_text(OURS.format(html=html) + ending)
    path.chmod(0o755)
    return str(path)


def test_the_report_of_allure_is_made_without_them(tmp_path: Path) -> None:
    page = render_allure(tmp_path, tmp_path / "out", command(tmp_path, ANALYTICS))
    assert "google" not in page.read_text()


def test_what_still_speaks_to_google_is_an_error(tmp_path: Path) -> None:
    html = '<img src="https://www.googletagmanager.com/x">'
    with pytest.raises(EnvironmentFault, match="still refers to Google Analytics"):
        render_allure(tmp_path, tmp_path / "out", command(tmp_path, html))


def test_a_failing_command_says_so(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="generate ended with 4: no luck"):
        render_allure(tmp_path, tmp_path, command(tmp_path, "", "echo no luck; exit 4\n"))


def test_without_the_package_it_says_what_to_install() -> None:
    with pytest.raises(EnvironmentFault, match="npm install allure@3"):
        render_allure(Path(), Path(), "no-such-allure")
