"""Reports as text, JSON, SARIF and Markdown."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.javascript import JavaScriptEngine
from scicat_harness.lint import RULES, FindingSeverity, Report
from scicat_harness.lint.formats import FORMATS

from .case import HEAD, Case, acting, typed

LEVELS = {"error", "warning", "note", "none"}
TEXT = HEAD + typed("a|b", "#all", "archivemanager") + acting(
    "actionType: url, url: 'http://jo:hush@a.example/', headers: {Cookie: 'Basic hush-hush'}",
    "actionType: log, performJob: x",
)[len(HEAD) :]  # fmt: skip


@pytest.fixture
def report(engine: JavaScriptEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """A report with everything in it."""
    monkeypatch.chdir(tmp_path)
    return Case("all", None, 0, TEXT).judged(tmp_path, engine)


@pytest.fixture
def partial(tmp_path: Path) -> Report:
    """A report without an engine."""
    text = acting("actionType: log, perform: '{{job.id}}'")
    return Case("partial", None, 0, text).judged(tmp_path, None)


def test_text(report: Report, tmp_path: Path) -> None:
    text = FORMATS["text"](report)
    lines = text.splitlines()
    assert lines[0].endswith(
        "v5.2.1 does not start with it: 'performJob' is called 'perform' now "
        "('performJob' is not one of its options (init, validate, perform))"
    )
    assert lines[2] == (
        '  Error: Invalid options for log action: {"actionType":"log","performJob":"x"}'
    )
    assert text.index("\nerrors\n") < text.index("\nwarnings\n")
    assert re.search(r"^  auth\.group-without-at\n    3:\d+ +\w", text, re.MULTILINE)
    assert lines[-1] == "2 errors, 4 warnings, 0 notes"
    assert max(len(line) for line in lines[3:] if str(tmp_path) not in line) <= 100


def test_text_says_what_is_not_verifiable(partial: Report) -> None:
    text = FORMATS["text"](partial)
    assert "not verifiable here: templates of actions and mails: there is no node" in text
    assert text.endswith("\n0 errors, 0 warnings, 0 notes\n")


def test_json(report: Report) -> None:
    made = json.loads(FORMATS["json"](report))
    assert made["release"] == "v5.2.1"
    assert made["start"]["starts"] is False
    assert made["start"]["message"].startswith("Error: Invalid options for log action")
    assert made["counts"] == {"error": 2, "warning": 4, "note": 0}
    first = made["findings"][0]
    assert set(first) == {
        "rule", "severity", "file", "line", "column", "subject", "sentence", "fix", "source",
        "stopsTheBackend", "fixable",
    }  # fmt: skip
    assert [each["line"] for each in made["findings"]] == sorted(
        each["line"] for each in made["findings"]
    )
    assert made["notVerifiable"] == []


def test_sarif(report: Report) -> None:
    made = json.loads(FORMATS["sarif"](report))
    assert made["version"] == "2.1.0"
    assert made["$schema"].endswith("sarif-2.1.0.json")
    (run,) = made["runs"]
    driver = run["tool"]["driver"]
    assert {"name", "version", "rules"} <= set(driver)
    assert driver["informationUri"].startswith("https://")
    assert [each["id"] for each in driver["rules"]] == sorted(
        {each.rule for each in report.findings}
    )
    for rule in driver["rules"]:
        check_rule(rule)
    assert len(run["results"]) == len(report.findings)
    for result in run["results"]:
        check_result(result, driver["rules"])
    fingerprints = [each["partialFingerprints"]["finding/v1"] for each in run["results"]]
    assert len(set(fingerprints)) == len(fingerprints)


def check_rule(rule: dict[str, Any]) -> None:
    """Against SARIF 2.1.0, section 3.49, and what GitHub asks for."""
    assert rule["id"] in RULES
    assert re.fullmatch(r"[A-Za-z]+", rule["name"])
    assert rule["shortDescription"]["text"].endswith(".")
    assert rule["fullDescription"]["text"]
    assert rule["help"]["text"]
    assert rule["help"]["markdown"]
    assert rule["defaultConfiguration"]["level"] in LEVELS
    assert rule["properties"]["problem.severity"] in {"error", "warning", "recommendation"}
    assert all(isinstance(tag, str) for tag in rule["properties"]["tags"])


def check_result(result: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    """Against SARIF 2.1.0, section 3.27."""
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in LEVELS
    assert result["message"]["text"]
    (location,) = result["locations"]
    physical = location["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "jobs.yaml"
    assert physical["region"]["startLine"] >= 1
    assert physical["region"]["startColumn"] >= 1


def test_sarif_says_what_is_not_verifiable(partial: Report) -> None:
    (run,) = json.loads(FORMATS["sarif"](partial))["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["level"] == "note"
    assert "there is no node" in notification["message"]["text"]


def test_markdown(report: Report, partial: Report) -> None:
    text = FORMATS["markdown"](report)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == len(report.findings) + 1
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7}
    assert "a\\|b create" in text
    assert "Not verifiable here" in FORMATS["markdown"](partial)


def test_counts_name_the_worst_first(report: Report) -> None:
    assert list(report.counts) == [
        FindingSeverity.ERROR,
        FindingSeverity.WARNING,
        FindingSeverity.NOTE,
    ]
    assert report.fails(FindingSeverity.ERROR)
