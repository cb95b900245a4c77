"""What another command prints about the errors that lint finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.cli.lint import show_errors
from scicat_harness.facility.facility import FacilityFiles
from scicat_harness.model.release import CURRENT

TYPES = """\
configVersion: v1
jobs:
- jobType: a
  create: {auth: "#all", actions: [{actionType: log, perform: "%s"}]}
  update: {auth: "#jobAdmin", actions: [{actionType: nosuch}]}
"""


def test_the_first_error_and_the_number_of_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "jobConfig.yaml"
    config.write_text(TYPES % "{{job.id}}", encoding="utf-8")
    show_errors(FacilityFiles(config), CURRENT)
    said = capsys.readouterr().out
    assert said.startswith("lint: ")
    assert "line 5" in said
    assert said.endswith("see 'scicat-harness lint'\n")


def test_nothing_without_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "jobConfig.yaml"
    config.write_text(TYPES.replace("{actionType: nosuch}", "") % "x", encoding="utf-8")
    show_errors(FacilityFiles(config), CURRENT)
    assert capsys.readouterr().out == ""
