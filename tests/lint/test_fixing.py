"""What --fix fixes: by edits at places, so that comments and anchors survive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scicat_harness.javascript import JavaScriptEngine
from scicat_harness.lint import lint
from scicat_harness.lint.fixing import fixed

from .broken import DIALECTS, STARTS
from .case import ENV, HEAD, Case, found
from .risky import ACCESS

FIXABLE = [
    case
    for case in [*DIALECTS, *STARTS, *ACCESS]
    if case.name
    in {
        "status-update", "top-level-list", "switch-scope", "perform-job", "body-template",
        "inline-broker", "ignored-broker", "job-root", "job-root-while-validating", "dataset-ids",
        "version-number", "no-update", "no-create", "group-without-at-proven",
        "group-of-the-environment", "user-by-case", "group-by-case", "word-by-case",
    }
]  # fmt: skip


@pytest.mark.parametrize("case", FIXABLE, ids=lambda case: case.name)
def test_the_finding_is_gone(case: Case, engine: JavaScriptEngine, tmp_path: Path) -> None:
    file = case.write(tmp_path)
    installation = case.installation(tmp_path, engine)
    result, _ = fixed(file, installation)
    assert result.changed
    assert case.rule in {each.rule for each in result.findings}
    file.write_text(result.after)
    report = lint(file, installation)
    assert case.rule not in {rule for rule, _, _ in found(report)}
    assert report.verdict.starts


def test_all_that_can_be_mended_is_tested() -> None:
    assert len(FIXABLE) == 18


OLD = """\
# Our jobs, of 2024.
configVersion: v1 # never changed
jobs:
  - jobType: archive # the first
    create: &operation # shared
      auth: "#datasetOwner"
      actions:
        - &line
          actionType: log
          performJob: 'about {{id}}' # a comment
        # Either scope.
        - actionType: switch
          scope: datasets # or request
          property: datasetlifecycle.storageLocation
          cases:
            - match: hall
              actions: [*line]
        - actionType: rabbitmq
          # where it is
          hostname: rabbitmq
          port: 5672
          username: guest
          password: hush
          queue: jobs
    statusUpdate:
      <<: *operation
      auth: archivemanager
  - jobType: other
    create: *operation
"""
NEW = """\
# Our jobs, of 2024.
configVersion: v1 # never changed
jobs:
  - jobType: archive # the first
    create: &operation # shared
      auth: "#datasetOwner"
      actions:
        - &line
          actionType: log
          perform: 'about {{job.id}}' # a comment
        # Either scope.
        - actionType: switch
          phase: "all" # or request
          property: "datasets[*].datasetlifecycle.storageLocation"
          cases:
            - match: hall
              actions: [*line]
        - actionType: rabbitmq
          exchange: "jobs"
          key: "jobs"
          # where it is
          queue: jobs
    update:
      <<: *operation
      auth: "@archivemanager"
  - jobType: other
    update: {}
    create: *operation
"""
ACCOUNTS = '[{"username": "archiveManager", "role": "archivemanager"}]'


def test_comments_and_anchors_survive(engine: JavaScriptEngine, tmp_path: Path) -> None:
    case = Case("old", None, 0, OLD, accounts=ACCOUNTS, broker=True)
    result, _ = fixed(case.write(tmp_path), case.installation(tmp_path, engine))
    assert result.after == NEW
    assert "hush" not in result.after
    assert "-          password: ***" in result.diff()
    assert "hush" not in result.diff()
    again, _ = fixed(Case("new", None, 0, NEW).write(tmp_path), case.installation(tmp_path, engine))
    assert not again.changed


JSON = """\
[
  {
    "jobType": "archive",
    "create": {"auth": "#all", "actions": [{"actionType": "log", "performJob": "x"}]},
    "statusUpdate": {"auth": "archivemanager"}
  }
]
"""


def test_json_stays_json(engine: JavaScriptEngine, tmp_path: Path) -> None:
    case = Case("json", None, 0, JSON)
    result, _ = fixed(case.write(tmp_path), case.installation(tmp_path, engine))
    assert engine.read_yaml(result.after, "x") == {
        "configVersion": "1",
        "jobs": [
            {
                "jobType": "archive",
                "create": {"auth": "#all", "actions": [{"actionType": "log", "perform": "x"}]},
                "update": {"auth": "archivemanager"},
            }
        ],
    }
    json.loads(result.after)


def test_a_guess_is_not_written(engine: JavaScriptEngine, tmp_path: Path) -> None:
    text = HEAD + '  - {jobType: t, create: {auth: "#all"}, update: {auth: archivemanager}}\n'
    case = Case("guess", None, 0, text)
    result, environment = fixed(case.write(tmp_path), case.installation(tmp_path, engine))
    assert not result.changed
    assert environment == ()


def test_the_name_of_a_variable(engine: JavaScriptEngine, tmp_path: Path) -> None:
    text = "# where\nA=1\nJOB_CONFIGURATION_PATH=jobs.yaml # here\n"
    case = Case("env", None, 0, HEAD + "  []\n", env=text)
    _, (environment,) = fixed(case.write(tmp_path), case.installation(tmp_path, engine))
    assert environment.file.name == ENV
    assert environment.after == text.replace("_PATH", "_FILE")


def test_a_diff_shows_what_changed(engine: JavaScriptEngine, tmp_path: Path) -> None:
    case = DIALECTS[0]
    result, _ = fixed(case.write(tmp_path), case.installation(tmp_path, engine))
    removed, added = (line for line in result.diff().splitlines() if line[:2] in ("- ", "+ "))
    assert "statusUpdate" in removed
    assert "statusUpdate" not in added
