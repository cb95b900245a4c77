"""What ``verify`` says about the errors that lint finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.cli.lint import first_error
from scicat_harness.errors import UsageFault
from scicat_harness.facility.facility import FacilityFiles
from scicat_harness.model.release import CURRENT

TYPES = """\
configVersion: v1
jobs:
- jobType: a
  create: {auth: "#all", actions: [{actionType: log, perform: "x"}]}
  update: {auth: "#jobAdmin", actions: [%s]}
"""


def said(tmp_path: Path, action: str) -> str:
    config = tmp_path / "jobConfig.yaml"
    config.write_text(TYPES % action, encoding="utf-8")
    return first_error(FacilityFiles(config), CURRENT)


def test_the_first_error_and_the_number_of_the_others(tmp_path: Path) -> None:
    line = said(tmp_path, "{actionType: nosuch}")
    assert line.startswith("lint: ")
    assert "line 5" in line
    assert line.endswith("see 'scicat-harness lint'")


def test_nothing_without_errors(tmp_path: Path) -> None:
    assert said(tmp_path, "") == ""


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("{actionType: log, execute: x}", "'execute' is not one of its options"),
        ("{actionType: log, perform: 3}", "'perform' is a number, not a string"),
        (
            "{actionType: url, url: 'http://a.example', method: post}",
            "'method' must be one of GET, POST, PUT, DELETE",
        ),
        (
            "{actionType: switch, phase: perform, property: job.id, cases: [], default: []}",
            "'default' is not one of its options",
        ),
        (
            "{actionType: switch, phase: all, property: request.type, "
            "cases: [{regex: '/(/', actions: []}]}",
            "the regex is invalid",
        ),
    ],
    ids=["unknown-option", "type", "method", "switch", "regex"],
)
def test_a_configuration_with_which_no_backend_starts_is_refused(
    action: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageFault) as refused:
        said(tmp_path, action)
    message = str(refused.value)
    assert says in message
    assert f"{tmp_path / 'jobConfig.yaml'}: line 5: a update.actions[0]" in message
    assert not message.endswith(".")


def test_an_error_about_the_whole_file_names_no_part_of_it(tmp_path: Path) -> None:
    config = tmp_path / "jobConfig.yaml"
    config.write_text("configVersion: v1\njobs: {a: 1}\n", encoding="utf-8")
    with pytest.raises(UsageFault, match="line 2: jobs must be array"):
        first_error(FacilityFiles(config), CURRENT)
