"""The corpus of starts, whose endings were seen on real backends, told without any backend."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.startup.case import StartCase
from scicat_harness.fixtures.startup.corpus import start_cases
from scicat_harness.javascript import JavaScriptEngine
from scicat_harness.lint import Installation, Report, lint
from scicat_harness.lint.accounts import AccountsFile, BrokenAccounts, read_accounts
from scicat_harness.lint.settings import read_environment

NOT_TOLD = {
    "no-file-asked-for": "there is nothing to lint",
    "file-missing": "told as wrong usage",
    "broker-unreachable": "nobody is asked",
    "broker-refuses-password": "nobody is asked",
    "file-named-as-the-example-says": "the file is judged, though that backend does not read it",
}
BROKER = dict.fromkeys(("HOSTNAME", "PORT", "USERNAME", "PASSWORD"), "x")
CASES = [case for case in start_cases() if case.name not in NOT_TOLD]


def judged(case: StartCase, folder: Path, engine: JavaScriptEngine | None) -> Report:
    broker = {f"RABBITMQ_{name}": value for name, value in BROKER.items()}
    installation: dict[str, str | None] = {}
    if case.broker is not None:
        installation = {"RABBITMQ_ENABLED": "yes", **broker, **case.broker}
    environment = {**installation, **case.start.environment}
    lines = [f"{name}={value}\n" for name, value in environment.items() if value is not None]
    (folder / "backend.env").write_text("".join(lines))
    for name, text in case.start.files.items():
        (folder / name).write_text(text)
    if case.start.job_config is not None:
        (folder / "jobConfig.yaml").write_text(case.start.job_config)
    accounts = folder / "functionalAccounts.json"
    known = read_accounts(accounts) if accounts.exists() else None
    return lint(
        folder / (environment.get("JOB_CONFIGURATION_FILE") or "jobConfig.yaml"),
        Installation(
            env=read_environment([folder / "backend.env"]),
            accounts=known if isinstance(known, AccountsFile) else None,
            broken_accounts=known if isinstance(known, BrokenAccounts) else None,
            broker=environment.get("RABBITMQ_ENABLED") == "yes",
            engine=engine,
        ),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_as_a_backend_ended(case: StartCase, engine: JavaScriptEngine, tmp_path: Path) -> None:
    verdict = judged(case, tmp_path, engine).verdict
    assert verdict.starts == case.ending.healthy
    if not case.ending.healthy:
        assert [p for p in case.ending.printed if not re.search(p, verdict.message)] == []


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="No such file"):
        lint(tmp_path / "none.yaml", Installation())


def test_the_exceptions_are_still_there() -> None:
    assert set(NOT_TOLD) <= {case.name for case in start_cases()}


def test_a_version_without_quotes_hides_no_other_mistake(
    engine: JavaScriptEngine, tmp_path: Path
) -> None:
    config = tmp_path / "jobConfig.yaml"
    config.write_text(
        "configVersion: 11\njobs:\n- jobType: a\n  create:\n    actions:\n"
        "    - {actionType: log, perfrom: x}\n  update: {}\n"
    )
    found = lint(config, Installation(engine=engine)).findings
    assert [each.rule for each in found if each.stops] == ["start.schema", "start.options"]
