"""A defective backend: exit code 1, and the failing check tells its whole story."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scicat_harness.embedded.sabotage import CATALOGUE

from .runs import Run, events, harness

ADMITS = "create.auth.job-admin.admits-plain"
STORES = "create.stored-despite.instance-denial"


def run_with(defect: str, folder: Path, *arguments: str) -> Run:
    """The main matrix of creates in smoke, on a backend with that defect."""
    assert defect in {each.id for each in CATALOGUE}
    given = ("--profile=smoke", f"--defect={defect}", f"--report-dir={folder}", *arguments)
    return harness("run", *given, cwd=folder.parent)


def failed(folder: Path) -> list[dict[str, Any]]:
    """The records of the checks that failed, by case."""
    records: list[dict[str, Any]] = [event["record"] for event in events(folder, "check")]
    return sorted(
        (each for each in records if each["verdict"] == "failed"), key=lambda each: each["case"]
    )


def test_the_failing_check_names_rule_and_curl_line(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    done = run_with(ADMITS, folder, "-k", "create and test_matrix and test_every_auth_value")
    assert done.code == 1, done.output
    assert done.says("by create.auth.job-admin", "curl -X POST", "Bearer ***", "replay")
    junit = (folder / "junit.xml").read_text()
    assert "create.auth.job-admin" in junit
    assert "curl -X POST" in junit
    assert "eyJ" not in junit + done.output
    assert {each["deciding"] for each in failed(folder)} == {"create.auth.job-admin"}
    (started,), (finished,) = events(folder, "started"), events(folder, "finished")
    assert started["narrowed"] == [
        "-k create and test_matrix and test_every_auth_value",
        "--profile smoke",
    ]
    assert started["defect"] == ADMITS
    assert finished["collected"] == len(events(folder, "check"))


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_job_stored_in_spite_of_a_refusal_is_blamed_on_the_check_that_caused_it(
    workers: str, tmp_path: Path
) -> None:
    folder = tmp_path / "report"
    chosen = ("-k", "create and test_matrix and test_every_auth_value", "-n", workers)
    done = run_with(STORES, folder, *chosen)
    assert done.code == 1, done.output
    found = failed(folder)
    assert len(found) >= 3
    for record in found:
        assert record["expected"] == record["observed"] == "deny"
        assert record["deciding"].startswith("create.auth.")
        assert f"[{record['identity']}-{record['job_type']}-" in record["case"]
        assert f"(type '{record['job_type']}')" in record["reason"]
    refused = [
        event["record"]["case"]
        for event in events(folder, "check")
        if event["record"]["deciding"].startswith("create.auth.")
    ]
    assert sorted(refused) == [each["case"] for each in found]
