"""Datasets that change while a job about them lives.

Source: documentation page authorization_jobs.md (create auth judges datasets, update auth the
job); observed on v4.20.2 to v5.2.1.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.must import must_answer
from scicat_harness.judge.trial import Told, Trial
from scicat_harness.scenarios.documents import holds
from scicat_harness.scenarios.jobs import (
    EFFECTS,
    JANITOR,
    OPERATOR,
    STATUS,
    about,
    body_v4,
    made,
    patched,
)
from scicat_harness.scenarios.lifecycle.datasets import dataset

pytestmark = pytest.mark.site(EFFECTS)

USER1 = SITE.identity("user1")
OWNED = "update auth judges the job, not its datasets (documentation: authorization_jobs.md)"


def job_about(trial: Trial, pid: str, job_type: str) -> str:
    """The id of user1's job about a dataset."""
    listed = {"datasetList": [{"pid": pid, "files": []}]}
    job = made(trial, body_v4(trial, listed, type=job_type, ownerGroup="group1"), USER1)
    job_id: str = job["id"]
    return job_id


def changed(trial: Trial, pid: str, **fields: Any) -> None:
    """The dataset is changed by its keeper."""
    path = f"/api/v3/datasets/{quote(pid, safe='')}"
    reply = trial.desk.client.send(JANITOR, "PATCH", path, body=fields)
    must_answer(reply, 200, "the dataset is changed")


def deleted(trial: Trial, pid: str) -> None:
    """The dataset is deleted."""
    path = f"/api/v3/datasets/{quote(pid, safe='')}"
    reply = trial.desk.client.send(JANITOR, "DELETE", path)
    must_answer(reply, 200, "the dataset is deleted")


@pytest.mark.parametrize("api", ["v3", "v4"])
@pytest.mark.parametrize("who", [OPERATOR, USER1], ids=lambda each: each.name)
def test_update_after_the_dataset_is_deleted(api: str, who: Any, trial: Trial) -> None:
    """The job cannot be updated any more, by nobody."""
    pid = dataset(trial)
    job_id = job_about(trial, pid, "lives.owned")
    deleted(trial, pid)
    body = STATUS if api == "v4" else {"jobStatusMessage": "s"}
    outcome = trial.tell(
        who,
        about("update", api, "lives.owned"),
        patched(job_id, body, who, api=api),
        Told(404, "datasets are loaded first (observed v5.2.1)", message="Unable to get a .*"),
        promised=Told(200, OWNED),
    )
    outcome.must_deviate("job-of-deleted-dataset-frozen")


def test_read_after_the_dataset_is_deleted(trial: Trial) -> None:
    """The job is shown, with the pid."""
    pid = dataset(trial)
    job_id = job_about(trial, pid, "lives.owned")
    deleted(trial, pid)
    outcome = trial.tell(
        USER1,
        about("read", job_type="lives.owned"),
        lambda client: client.read(USER1, job_id),
        Told(
            200,
            "who owns a job reads it (documentation: authorization_jobs.md)",
            holds({"jobParams.datasetList": [{"pid": pid, "files": []}]}),
        ),
    )
    outcome.must_be_as_specified()


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
    """Who could create the job and owns it can update it still."""
    job_type, fields, change = CHANGES[name]
    pid = dataset(trial, **fields)
    job_id = job_about(trial, pid, job_type)
    changed(trial, pid, **change)
    outcome = trial.tell(
        USER1,
        about("update", job_type=job_type),
        patched(job_id, STATUS, USER1),
        Told(200, OWNED, holds(STATUS)),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize("name", list(CHANGES))
def test_create_after_the_dataset_changed(name: str, trial: Trial) -> None:
    """A new job is judged by what the dataset is now."""
    job_type, fields, change = CHANGES[name]
    pid = dataset(trial, **fields)
    job_about(trial, pid, job_type)
    changed(trial, pid, **change)
    listed = {"datasetList": [{"pid": pid, "files": []}]}
    body = body_v4(trial, listed, type=job_type, ownerGroup="group1")
    outcome = trial.tell(
        USER1,
        about("create", job_type=job_type),
        lambda client: client.send(USER1, "POST", "/api/v4/jobs", body=body),
        Told(403, "create auth judges the datasets (documentation: authorization_jobs.md)"),
    )
    outcome.must_be_as_specified()
