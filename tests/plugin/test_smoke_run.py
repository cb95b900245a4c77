"""A smoke run on the embedded deployment: passes, and is told in every report."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from .runs import events, harness

# The whole of it is run from the wheel, at the end of .ci/run.
PARTS = ("--only=create", "--only=templates", "--only=update")


def test_smoke_passes_and_every_report_tells_so(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    step = tmp_path / "step.md"
    done = harness(
        "run",
        "--profile",
        "smoke",
        *PARTS,
        "--report-dir",
        str(folder),
        cwd=tmp_path,
        environment={"GITHUB_STEP_SUMMARY": str(step)},
    )
    assert done.code == 0, done.output
    assert done.says("create: identity x job type", "update: identity x job type", str(folder))
    summary = json.loads((folder / "summary.json").read_text())
    assert (summary["verdict"], summary["deployment"]) == ("pass", "embedded")
    assert (summary["backend_version"], summary["profile"]) == ("v5.2.1", "smoke")
    checks = summary["checks"]
    assert (checks["failed"], checks["unknown"], checks["not_verifiable"]) == (0, 0, 0)
    total = sum(checks.values())
    assert min(summary["requests"], total) > 200
    _files_agree(folder, total)
    assert step.read_text() == (folder / "summary.md").read_text()
    _reports_are_made_alike_again(folder, tmp_path)


def _files_agree(folder: Path, total: int) -> None:
    assert len(events(folder, "check")) == total
    narrowed = [each.removeprefix("--").replace("=", " ") for each in PARTS]
    (started,), (finished,) = events(folder, "started"), events(folder, "finished")
    assert (started["narrowed"], started["defect"]) == (["--profile smoke", *narrowed], None)
    assert finished["collected"] == total
    (suite,) = ElementTree.parse(folder / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        str(total),
        "0",
        "0",
    )
    results = list((folder / "allure-results").glob("*-result.json"))
    assert len(results) == total
    assert (folder / "summary.md").read_text().startswith("# SciCat jobs: pass")


def _reports_are_made_alike_again(folder: Path, tmp_path: Path) -> None:
    for form, name in (
        ("html", "report.html"),
        ("markdown", "summary.md"),
        ("junit", "junit.xml"),
        ("json", "summary.json"),
        ("allure", "allure-results"),
    ):
        again = tmp_path / name
        done = harness("report", str(folder), f"--format={form}", f"--output={again}", cwd=tmp_path)
        assert done.code == 0, done.output
        assert _content(again) == _content(folder / name)


def _content(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else list(path.iterdir())
    return {each.name: each.read_bytes() for each in files}
