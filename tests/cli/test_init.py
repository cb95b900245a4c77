"""init: a facility file that names what lies beside it, and its schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scicat_harness.cli.main import main
from scicat_harness.facility.file import read_facility, schema


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["init", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_in_an_empty_folder(tmp_path: Path) -> None:
    assert run(str(tmp_path / "facility.yaml")) == 0
    assert read_facility(tmp_path / "facility.yaml").files.job_config == Path("jobConfig.yaml")
    written = json.loads((tmp_path / "facility.schema.json").read_text("utf-8"))
    assert written == schema()


def test_beside_the_files_of_a_facility(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("jobConfig.yml", "site.env", "functionalAccounts.json"):
        (tmp_path / name).touch()
    assert run(str(tmp_path / "ours.yaml")) == 0
    files = read_facility(tmp_path / "ours.yaml").files
    assert files.job_config == Path("jobConfig.yml")
    assert files.env == Path("site.env")
    assert files.accounts == Path("functionalAccounts.json")
    out = capsys.readouterr().out
    assert "found env: site.env" in out


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "facility.yaml").write_text("mine")
    assert run(str(tmp_path / "facility.yaml")) == 3
    assert (tmp_path / "facility.yaml").read_text() == "mine"
