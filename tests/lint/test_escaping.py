"""What needs no third brace: numbers, by a schema of the job type or by their nature."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.javascript import JavaScriptEngine
from scicat_harness.lint import Installation, lint
from scicat_harness.lint.release import features
from scicat_harness.model.release import CURRENT

CONFIG = """\
configVersion: v1
jobs:
- jobType: a
  create:
    auth: "#all"
    actions:
    - actionType: validate
      request:
        jobParams.cores: {type: integer}
        jobParams.mode: {type: string}
        jobParams.more: {type: object, properties: {size: {type: [number, boolean]}}}
    - actionType: url
      url: http://x.example/
      method: POST
      headers: {Content-Type: application/json}
      body: '{"n": {{%s}} }'
  update: {auth: "#all"}
"""


@pytest.mark.parametrize(
    ("path", "escaped"),
    [
        ("job.jobParams.cores", False),
        ("request.jobParams.cores", False),
        ("job.jobParams.more.size", False),
        ("datasets.length", False),
        ("job.jobParams.mode", True),
        ("job.jobParams.other", True),
    ],
)
def test_numbers_are_not_escaped(
    path: str, escaped: bool, engine: JavaScriptEngine, tmp_path: Path
) -> None:
    config = tmp_path / "jobConfig.yaml"
    config.write_text(CONFIG % path, encoding="utf-8")
    report = lint(config, Installation(features=features(CURRENT), engine=engine))
    found = {each.rule for each in report.findings}
    assert ("template.json-escaped" in found) is escaped


@pytest.mark.parametrize("schema", ["{type: [{a: 1}]}", "{type: []}"])
def test_a_schema_that_is_none_is_no_trouble(
    schema: str, engine: JavaScriptEngine, tmp_path: Path
) -> None:
    config = tmp_path / "jobConfig.yaml"
    text = CONFIG.replace("{type: integer}", schema) % "job.jobParams.cores"
    config.write_text(text, encoding="utf-8")
    lint(config, Installation(features=features(CURRENT), engine=engine))
