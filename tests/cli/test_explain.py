"""explain with the configuration of a facility: its accounts, and what lies ahead."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.cli.main import main

CONFIGURATION = """\
configVersion: "1"
jobs:
- jobType: archive
  create:
    auth: "#datasetOwner"
    actions: [{actionType: validate, datasets: {datasetlifecycle.archivable: {const: true}}}]
  update: {auth: archiver, actions: [{actionType: validate, request: {statusCode: {const: done}}}]}
"""
ACCOUNTS = (
    '[{"username": "archiver", "password": "x", "email": "a@x.example", "role": "archivers"}]'
)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "jobConfig.yaml").write_text(CONFIGURATION, encoding="utf-8")
    (tmp_path / "accounts.json").write_text(ACCOUNTS, encoding="utf-8")
    return [f"--config={tmp_path / 'jobConfig.yaml'}", f"--accounts={tmp_path / 'accounts.json'}"]


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["explain", *arguments])
    shown = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, shown.out + shown.err


def test_validations_that_lie_ahead(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explained(capsys, "--as=user1", "--create=archive", "--datasets=own", files[0])
    assert code == 0
    assert "verdict: allow, status 201" in out
    assert "ahead:   validate datasets: datasetlifecycle.archivable" in out


def test_an_account_of_the_facility(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explained(capsys, "--as=archiver", "--update=archive", *files)
    assert code == 0
    assert "update archive as archiver (archivers; account of the facility)" in out
    assert "=> update.allowed.user" in out


def test_accounts_need_a_configuration(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = explained(capsys, "--as=archiver", "--update=archive", files[1])
    assert code == 3
    assert "give --config FILE" in out
