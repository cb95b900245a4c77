"""verify on a twin: what a configuration says is tried, redirected, and seen to fail."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..facility.setup import Facility, facility_in
from .runs import harness

VERIFY = ("verify", "--report-dir=report")


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report" / "summary.json").read_text("utf-8"))
    return found


@pytest.fixture
def facility(tmp_path: Path) -> Facility:
    return facility_in(tmp_path)


def test_a_twin_does_what_the_configuration_says(facility: Facility) -> None:
    run = harness(*VERIFY, "--facility", facility.file, cwd=facility.folder)
    assert run.code == 0, run.output
    # Only the destination differs, and that is shown.
    assert run.says('"url": "http://archiver.example/new"', "SCICAT_HARNESS_SINK}}}/new")
    assert run.says("harness-sentinel", "archive", "call", "harness-of-archivers")
    found = summary(facility.folder)
    assert found["verdict"] == "pass"
    assert found["effects"]["url"] > 0
    assert found["effects"]["silent_checks"] > 0
    assert found["checks"]["failed"] == 0
    # Nothing is left open in such a simple configuration.
    assert found["checks"]["not_verifiable"] == 0


@pytest.mark.parametrize(
    ("defect", "cases", "told"),
    [
        ("actions.url.called-twice", "create-call-actions", "unexpected url POST /new"),
        ("actions.url.method-ignored", "create-call-actions", "method 'GET' instead of 'POST'"),
        ("actions.validate.skipped", "create-archive-actions", "status 201 instead of 400"),
        ("actions.switch.last-case-always", "update-archive-actions", "no log with"),
    ],
)
def test_a_backend_that_does_otherwise_fails(
    defect: str, cases: str, told: str, facility: Facility
) -> None:
    chosen = (f"--defect={defect}", "-k", cases)
    run = harness(*VERIFY, facility.config, *chosen, cwd=facility.folder)
    assert run.code == 1, run.output
    assert told in run.output
    assert "replay    pytest 'scenarios/facility/test_configuration.py::" in run.output


def test_plan_says_how_much_that_is_and_starts_nothing(facility: Facility) -> None:
    run = harness("plan", facility.config, cwd=facility.folder)
    assert run.code == 0, run.output
    assert run.says("datasets: ", "jobs: ", "cases: ", "effects, going to sinks only: ", " url")
    assert not (facility.folder / "reports").exists()


def _with(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"jobType": "a", "create": {"auth": "#all", "actions": actions}, "update": {}}]


REFUSED: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "no-configuration": (lambda _: [], "give a job configuration, or a facility file"),
    "not-there": (lambda folder: [str(folder / "nowhere.yaml")], "cannot be read"),
    "instance-of-nothing": (
        lambda folder: [str(folder / "jobConfig.yaml"), "--instance"],
        "--instance needs a facility file",
    ),
    "writes-to-a-twin": (
        lambda folder: [str(folder / "jobConfig.yaml"), "--allow-writes"],
        "--allow-writes is for a running instance",
    ),
    "accounts-that-are-none": (
        lambda folder: [str(folder / "jobConfig.yaml"), f"--accounts={folder / 'env'}"],
        "not valid JSON",
    ),
    "environment-that-is-none": (
        lambda folder: [str(folder / "jobConfig.yaml"), f"--env={folder / 'accounts.json'}"],
        "has no line NAME=value",
    ),
}


@pytest.mark.parametrize(("arguments", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_work_is_one_message(
    arguments: Callable[[Path], list[str]], said: str, facility: Facility
) -> None:
    run = harness("verify", *arguments(facility.folder), cwd=facility.folder)
    assert run.code == 3, run.output
    assert run.says(said), run.output


def test_a_mail_without_its_template(tmp_path: Path) -> None:
    mail = {
        "actionType": "email",
        "to": "a@b.example",
        "subject": "s",
        "bodyTemplateFile": "m.html",
    }
    facility = facility_in(tmp_path, _with([mail]))
    run = harness("verify", facility.config, cwd=tmp_path)
    assert run.code == 3, run.output
    assert run.says("bodyTemplateFile 'm.html'", "--stand-in-templates")


PLANTED = {
    "environment": "planted-in-the-environment",
    "accounts": "planted-in-the-accounts",
    "header": "planted-in-a-header",
    "address": "planted-in-an-address",
}


def test_no_secret_is_in_anything_that_is_written(tmp_path: Path) -> None:
    call = {
        "actionType": "url",
        "url": f"https://archiver:{PLANTED['address']}@archiver.example/new",
        "method": "POST",
        "headers": {"Authorization": f"Bearer {PLANTED['header']}", "X-Key": "{{env.SITE_TOKEN}}"},
        "body": "{{{env.SITE_TOKEN}}}",
    }
    facility = facility_in(tmp_path, _with([call]))
    with (tmp_path / "env").open("a", encoding="utf-8") as env:
        env.write(f"SITE_TOKEN={PLANTED['environment']}\n")
    accounts = [{"username": "bob", "email": "b@x.example", "password": PLANTED["accounts"]}]
    (tmp_path / "accounts.json").write_text(json.dumps(accounts), encoding="utf-8")
    where = tmp_path / "elsewhere"
    where.mkdir()
    run = harness(*VERIFY, "--facility", facility.file, cwd=where)
    assert run.code in (0, 1), run.output
    # So that what is sent is told, as where it fails.
    wrong = harness(
        *("verify", "--report-dir=wrong", "--facility", facility.file),
        "--defect=actions.url.called-twice",
        cwd=where,
    )
    assert wrong.code == 1, wrong.output
    linted = harness("lint", "--facility", facility.file, cwd=where)
    said = run.output + wrong.output + linted.output
    files = [each for each in where.rglob("*") if each.is_file()]
    assert len(files) > 20
    for name, secret in PLANTED.items():
        assert secret not in said, name
        holders = [each for each in files if secret in each.read_text(encoding="utf-8")]
        assert holders == [], name


def test_an_unknown_action_is_never_a_pass(tmp_path: Path) -> None:
    facility = facility_in(tmp_path, _with([{"actionType": "kafka", "topic": "jobs"}]))
    run = harness("plan", facility.config, cwd=tmp_path)
    assert run.says("not verifiable: a, create, everything: action 'kafka'"), run.output


def test_a_twin_shows_nothing_of_the_environment_of_the_user(tmp_path: Path) -> None:
    line = {"actionType": "log", "perform": "{{{jsonify env}}} {{env.PATH}} {{env.SMTP_HOST}}"}
    facility = facility_in(tmp_path, _with([line]))
    with (tmp_path / "env").open("a", encoding="utf-8") as env:
        env.write("SMTP_HOST=mail.facility.example\n")
    planted = {"CI_TOKEN": "planted"}
    run = harness(*VERIFY, "--facility", facility.file, cwd=tmp_path, environment=planted)
    assert run.code == 0, run.output
    written = [each for each in (tmp_path / "report").rglob("*") if each.is_file()]
    shown = [each.name for each in written if b'"JOB_CONFIGURATION_FILE"' in each.read_bytes()]
    assert shown
    for text in (os.environ["PATH"], "planted", "mail.facility.example"):
        holders = [each.name for each in written if text.encode() in each.read_bytes()]
        assert holders == [], text
    # The run gave the twin all its variables, so the line is judged.
    assert summary(tmp_path)["checks"]["not_verifiable"] == 0


def test_a_snapshot_that_differs_fails_a_run_that_passes(facility: Facility) -> None:
    given = (*VERIFY, facility.config, "--snapshot=golden", "-k", "create-call-actions")
    first = harness(*given, cwd=facility.folder)
    assert first.code == 0, first.output
    assert "cases written to golden" in first.output
    kept = sorted((facility.folder / "golden").iterdir())[0]
    more = kept.read_text("utf-8").replace("\n", "\n  log: nobody sends this\n", 1)
    kept.write_text(more, "utf-8")
    again = harness(*given, cwd=facility.folder)
    assert again.code == 1, again.output
    assert "-  log: nobody sends this" in again.output
    assert "0 failed" in again.output
    updated = harness(*given, "--update", cwd=facility.folder)
    assert updated.code == 0, updated.output
