"""What CI does around runs: which images are judged, and when an issue is written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
CI = ROOT / ".ci"
PUBLISHED = "ghcr.io/scicatproject/backend-next"
RELEASES = "v5.2.1 v5.2.0 v5.3.0-rc1 v4.25.1 v5.1.0 v5.10.0 v5.10.1 v4.9.0"
FAILED: dict[str, Any] = {
    "event": "check",
    "record": {"verdict": "failed", "case": "scenarios/a", "reason": "status 201"},
}
GH = """\
#!/bin/sh
echo "$*" >>"$TOLD"
case "$1 $2" in
  "api "*) printf '%s\\n' $RELEASES ;;
  "issue list") cat "$ISSUES" ;;
  "issue create" | "issue edit") cat >>"$TOLD" ;;
esac
"""

pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not on the PATH")


class GitHub:
    """A ``gh`` that knows some releases and issues, and notes what it is told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.issues: list[dict[str, Any]] = []
        (folder / "bin").mkdir()
        (folder / "bin" / "gh").write_text(GH)
        (folder / "bin" / "gh").chmod(0o755)

    def run(self, script: str, *arguments: str, **variables: str) -> str:
        """What a script says with it on the PATH."""
        (self.folder / "issues").write_text(json.dumps(self.issues))
        environment = {
            "GH_REPO": "organisation/backend",
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "TOLD": str(self.folder / "told"),
            "ISSUES": str(self.folder / "issues"),
            "RELEASES": RELEASES,
            **variables,
        }
        done = subprocess.run(
            [CI / script, *arguments], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def written(self) -> list[str]:
        """What was done to issues, and the first text of each."""
        path = self.folder / "told"
        told = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [each.split(" --")[0] for each in told if each.startswith("issue ")][1:]


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    """Without issues."""
    return GitHub(tmp_path)


def report(folder: Path, name: str, *failed: dict[str, Any]) -> None:
    """The report of a target."""
    there = folder / "reports" / name
    there.mkdir(parents=True, exist_ok=True)
    summary = {
        "verdict": "fail" if failed else "pass",
        "deployment": "containers",
        "profile": "smoke",
        "checks": {"passed": 3, "deviating": 1, "failed": len(failed)},
    }
    (there / "summary.json").write_text(json.dumps(summary))
    (there / "events.jsonl").write_text("".join(json.dumps(each) + "\n" for each in failed))


def test_every_night_four_images_are_judged(github: GitHub) -> None:
    found = {each["name"]: each for each in json.loads(github.run("targets"))}
    assert {name: each["release"] for name, each in found.items()} == {
        "latest": "v5.10.1",
        "newest": "v5.10.1",
        "previous-minor": "v5.2.1",
        "last-v4": "v4.25.1",
    }
    assert found["latest"]["image"] == f"{PUBLISHED}:latest"
    assert found["last-v4"]["image"] == f"{PUBLISHED}:v4.25.1"


def test_what_is_asked_for_is_judged_alone(github: GitHub) -> None:
    (image,) = json.loads(github.run("targets", IMAGE="x/y:z", BACKEND_VERSION="v5.0.1"))
    assert (image["image"], image["release"]) == ("x/y:z", "v5.0.1")
    (tag,) = json.loads(github.run("targets", BACKEND_VERSION="latest"))
    assert (tag["image"], tag["release"]) == (f"{PUBLISHED}:latest", "")


def test_an_issue_is_written_on_a_change_and_at_no_other_time(github: GitHub) -> None:
    def conclude() -> str:
        return github.run("conclude", str(github.folder / "reports"), ISSUE="true")

    report(github.folder, "newest")
    assert conclude() == "passed=4\nfailed=0\nchanged=\n"
    assert github.written() == []
    report(github.folder, "newest", FAILED)
    assert conclude() == "passed=4\nfailed=1\nchanged=newest\n"
    body = (github.folder / "told").read_text()
    assert "* `scenarios/a`: status 201" in body
    assert github.written() == ["issue create"]
    github.issues = [{"number": 7, "title": "SciCat jobs: newest", "body": body}]
    assert conclude() == "passed=4\nfailed=1\nchanged=\n"
    assert github.written() == []
    other = {**FAILED, "record": {**FAILED["record"], "case": "scenarios/b"}}
    report(github.folder, "newest", other)
    assert conclude().endswith("changed=newest\n")
    assert github.written() == ["issue edit 7", "issue comment 7"]
    report(github.folder, "newest")
    assert conclude().endswith("changed=newest\n")
    assert github.written() == ["issue close 7"]


def test_a_run_by_hand_writes_no_issue(github: GitHub) -> None:
    report(github.folder, "given", FAILED)
    said = github.run("conclude", str(github.folder / "reports"), ISSUE="false")
    assert said == "passed=4\nfailed=1\nchanged=given\n"
    assert github.written() == []


def test_without_a_repository_no_issue_is_looked_at(github: GitHub) -> None:
    # As in scicat.yml, which may not even read issues.
    report(github.folder, "given", FAILED)
    said = github.run("conclude", str(github.folder / "reports"), GH_REPO="")
    assert said == "passed=4\nfailed=1\nchanged=\n"
    assert not (github.folder / "told").exists()


def test_only_one_workflow_may_write_issues() -> None:
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        parts = (workflow, *workflow["jobs"].values())
        granted = [each.get("permissions") for each in parts]
        writes = any("write" in str(each) for each in granted)
        assert writes is (path.name == "nightly.yml"), path


def test_a_target_without_a_report_changes_nothing(github: GitHub) -> None:
    (github.folder / "reports" / "latest").mkdir(parents=True)
    said = github.run("conclude", str(github.folder / "reports"), ISSUE="true")
    assert said == "passed=0\nfailed=0\nchanged=\n"
