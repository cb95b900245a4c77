"""Datasets that change while a job about them lives.

Source: documentation page authorization_jobs.md (create auth judges datasets, update auth the
job); observed on v4.20.2 to v5.2.1.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answer import answer
from scicat_harness.judge.literal import dataset_path
from scicat_harness.judge.matchers import holds
from scicat_harness.judge.trial import Trial
from scicat_harness.scenarios.jobs import (
    JANITOR,
    OPERATOR,
    STATUS,
)
from scicat_harness.scenarios.lifecycle.datasets import dataset

USER1 = SITE.identity("user1")
OWNED = "update auth judges the job, not its datasets (documentation: authorization_jobs.md)"


def job_about(trial: Trial, pid: str, job_type: str) -> dict[str, Any]:
    """user1's job about a dataset."""
    listed = {"datasetList": [{"pid": pid, "files": []}]}
    return trial.make(trial.body(listed, type=job_type, ownerGroup="group1"), USER1)


def changed(trial: Trial, pid: str, **fields: Any) -> None:
    """The dataset is changed by its keeper."""
    reply = trial.request(JANITOR, "PATCH", dataset_path(pid), fields)
    reply.must_succeed("the dataset is changed")


def deleted(trial: Trial, pid: str) -> None:
    """The dataset is deleted."""
    reply = trial.request(JANITOR, "DELETE", dataset_path(pid))
    reply.must_succeed("the dataset is deleted")


@pytest.mark.parametrize("api", ["v3", "v4"])
@pytest.mark.parametrize("who", [OPERATOR, USER1], ids=lambda each: each.name)
def test_update_after_the_dataset_is_deleted(api: str, who: Any, trial: Trial) -> None:
    """The job cannot be updated any more, by nobody."""
    pid = dataset(trial)
    job = job_about(trial, pid, "lives.owned")
    deleted(trial, pid)
    body = STATUS if api == "v4" else {"jobStatusMessage": "s"}
    trial.patch(who, job, body, api=api).must_deviate(
        "job-of-deleted-dataset-frozen",
        answer(
            404, because="datasets are loaded first (observed v5.2.1)", message="Unable to get a .*"
        ),
        promised=answer(200, because=OWNED),
    )


def test_read_after_the_dataset_is_deleted(trial: Trial) -> None:
    """The job is shown, with the pid."""
    pid = dataset(trial)
    job = job_about(trial, pid, "lives.owned")
    deleted(trial, pid)
    trial.get(USER1, job).must_answer(
        200,
        holds({"jobParams.datasetList": [{"pid": pid, "files": []}]}),
        because="who owns a job reads it (documentation: authorization_jobs.md)",
    )


CHANGES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "another-owner-group": ("lives.owned", {}, {"ownerGroup": "group9"}),
    "no-access-any-more": (
        "lives.accessed",
        {"ownerGroup": "group9", "accessGroups": ["group1"]},
        {"accessGroups": []},
    ),
    "unpublished": (
        "lives.accessed",
        {"ownerGroup": "group9", "isPublished": True},
        {"isPublished": False},
    ),
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_update_after_the_dataset_changed(name: str, trial: Trial) -> None:
    """Its owner can still update the job."""
    job_type, fields, change = CHANGES[name]
    pid = dataset(trial, **fields)
    job = job_about(trial, pid, job_type)
    changed(trial, pid, **change)
    trial.patch(USER1, job, STATUS).must_answer(200, holds(STATUS), because=OWNED)


@pytest.mark.parametrize("name", list(CHANGES))
def test_create_after_the_dataset_changed(name: str, trial: Trial) -> None:
    """A new job is judged by what the dataset is now."""
    job_type, fields, change = CHANGES[name]
    pid = dataset(trial, **fields)
    job_about(trial, pid, job_type)
    changed(trial, pid, **change)
    listed = {"datasetList": [{"pid": pid, "files": []}]}
    body = trial.body(listed, type=job_type, ownerGroup="group1")
    trial.post(USER1, body).must_answer(
        403, because="create auth judges the datasets (documentation: authorization_jobs.md)"
    )
