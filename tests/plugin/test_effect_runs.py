"""Runs of scenarios about effects, as a user starts them: passed, failed, and unknown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .runs import events, harness, kill_child, started, wait_for

GONE = 60.0
DENIED = ("run", "--profile=smoke", "--only=denied", "--report-dir=report")


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_embedded_backend_passes_with_an_audit(workers: str, tmp_path: Path) -> None:
    done = harness(*DENIED, "-n", workers, "--audit=0.2", cwd=tmp_path)
    assert done.code == 0, done.output
    summary = json.loads((tmp_path / "report" / "summary.json").read_text(encoding="utf-8"))
    assert summary["verdict"] == "pass"
    assert summary["checks"]["unknown"] == summary["checks"]["failed"] == 0
    cases = {event["record"]["case"] for event in events(tmp_path / "report", "check")}
    assert cases
    assert all(case.startswith("scenarios/denied/") for case in cases)


CHOSEN = "create-email.owner-allowed"


def test_a_wrong_mail_is_told_with_its_whole_story(tmp_path: Path) -> None:
    defect = "actions.email.subject-unrendered"
    done = harness(*DENIED, f"--defect={defect}", "-k", CHOSEN, cwd=tmp_path)
    assert done.code == 1, done.output
    assert done.says(
        "effect email: to '$token@effects.example', subject 'done $token'",
        "differs email: subject 'done {{{request.jobParams.correlation}}}' instead of 'done ",
        "(by actions.perform.email.sends)",
        "timeline +0.000s POST -> 201",
        "barrier seen, effects complete",
        "received email through smtp, accepted",
        "subject: done {{{request.jobParams.correlation}}}",
        "[Utils.sendMail] Sending email to:",
        "curl -X POST",
        f"replay pytest 'scenarios/denied/test_denied.py::test_create[{CHOSEN}]'",
        f"--defect={defect}",
    ), done.output


@pytest.mark.parametrize("child", ["scicat_harness.sinks", "scicat_harness.broker"])
def test_effects_that_can_no_longer_be_seen_are_unknown(child: str, tmp_path: Path) -> None:
    arguments = ("run", "--only=denied", "--report-dir=report")
    with started(*arguments, cwd=tmp_path) as run:
        wait_for(run, lambda: bool(events(tmp_path / "report", "started")))
        kill_child(run, child)
        output, _ = run.communicate(timeout=GONE)
    assert run.returncode == 2, output
    assert "Traceback" not in output
    summary = json.loads((tmp_path / "report" / "summary.json").read_text(encoding="utf-8"))
    assert summary["verdict"] == "unknown"
    assert summary["checks"]["failed"] == 0
    assert summary["checks"]["unknown"] > 0


def test_a_folder_that_there_is_not_is_wrong_usage(tmp_path: Path) -> None:
    done = harness("run", "--only=nowhere", cwd=tmp_path)
    assert done.code == 3, done.output
    assert done.says(
        "--only 'nowhere': no such folder; choose from actions, compat, create, delete, denied"
    ), done.output
    assert list(tmp_path.iterdir()) == []
