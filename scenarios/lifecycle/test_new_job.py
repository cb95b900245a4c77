"""A new job's document, field by field, in v4 and v3.

Source: backend documentation of the job schema; observed on v4.20.2 to v5.2.1. What a body turns
into is in ``create/test_documents.py``, who owns a job in the create matrix.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answer import answer
from scicat_harness.judge.matchers import has_keys, holds, is_of_form, is_same_as
from scicat_harness.judge.trial import Trial
from scicat_harness.model.identity import ANONYMOUS
from scicat_harness.scenarios.jobs import CONTACT, OPERATOR

FIELDS_V4 = (
    *("createdBy", "updatedBy", "createdAt", "updatedAt", "ownerGroup", "accessGroups"),
    *("isPublished", "_id", "id", "ownerUser", "type", "statusCode", "statusMessage"),
    *("jobParams", "contactEmail", "configVersion", "jobResultObject", "__v"),
)
FIELDS_V3 = (
    *("_id", "id", "emailJobInitiator", "type", "creationTime", "executionTime"),
    *("jobParams", "jobStatusMessage", "datasetList", "jobResultObject"),
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
WHY = "a job shows what it is made of (documentation: job schema)"


def test_fields_of_an_owned_job(trial: Trial) -> None:
    """All of them, and nothing else."""
    body = trial.body(ownerUser="user1", ownerGroup="group1")
    trial.post(OPERATOR, body).must_answer(201, has_keys(*FIELDS_V4), because=WHY)


def test_fields_of_nobodys_job(trial: Trial) -> None:
    """Owners that are not set are absent, not null."""
    body = trial.body()
    trial.post(OPERATOR, body).must_answer(
        201, has_keys(*(set(FIELDS_V4) - {"ownerUser", "ownerGroup"})), because=WHY
    )


def test_values_of_nobodys_job(trial: Trial) -> None:
    """Values that the backend fills in."""
    body = trial.body()
    trial.post(OPERATOR, body).must_answer(
        201,
        holds(
            {
                "createdBy": "operator",
                "updatedBy": "operator",
                "accessGroups": [],
                "isPublished": False,
                "type": "lives.plain",
                "statusCode": "jobSubmitted",
                "statusMessage": "Job submitted.",
                "jobParams": body["jobParams"],
                "contactEmail": CONTACT,
                "configVersion": trial.config_version,
                "jobResultObject": {},
                "__v": 0,
            }
        ),
        because=WHY,
    )


def test_an_anonymous_job_has_an_empty_contact(trial: Trial) -> None:
    """Nobody gave one; the creator is called anonymous."""
    body = trial.body(contactEmail=None)
    trial.post(ANONYMOUS, body).must_answer(
        201,
        holds({"contactEmail": "", "createdBy": "anonymous", "updatedBy": "anonymous"}),
        because=WHY,
    )


def test_form_of_ids_and_times(trial: Trial) -> None:
    """A version 4 UUID in lower case; ISO 8601 in UTC with milliseconds."""
    body = trial.body()
    trial.post(OPERATOR, body).must_answer(
        201, is_of_form(id=ID, _id=ID, createdAt=TIME, updatedAt=TIME), because=WHY
    )


def test_both_ids_are_the_same(trial: Trial) -> None:
    """And neither can be chosen."""
    job = trial.make(trial.body(), OPERATOR)
    trial.get(OPERATOR, job).must_answer(
        200, holds({"id": job["id"], "_id": job["id"], "createdAt": job["updatedAt"]}), because=WHY
    )


def test_fields_of_a_v3_document(trial: Trial) -> None:
    """All of them when all are set, and nothing else."""
    body = trial.body_v3(executionTime="2030-01-01T00:00:00.000Z")
    trial.post(OPERATOR, body, api="v3").must_answer(201, has_keys(*FIELDS_V3), because=WHY)


PARAMS: dict[str, Any] = {
    "nested": {"a": {"b": [{"c": None}, 1.5, True]}},
    "dotted.key": 1,
    "dotted-below": {"a.b": 0, "a": {"b.c": 1, "d": [{"e.f": 2}]}},
    "long": "x" * 30_000,
    "$where": "harmless",
    "unicode": "Größe 日本 😀",
    "empty": {"text": "", "list": [], "object": {}},
    "large": 9007199254740991,
}


@pytest.mark.parametrize("name", list(PARAMS))
def test_parameters_are_kept(name: str, trial: Trial) -> None:
    """Whatever JSON can say, under whatever key."""
    job = trial.make(trial.body({name: PARAMS[name]}), OPERATOR)
    trial.get(OPERATOR, job).must_answer(
        200, is_same_as(PARAMS[name], lambda job: job["jobParams"].get(name)), because=WHY
    )


def test_a_parameter_named_constructor(trial: Trial) -> None:
    """Dropped, too; on some releases an object with such a key ends in a server error."""
    body = trial.body({"mine": {"constructor": 1, "kept": 2}})
    trial.post(OPERATOR, body).must_deviate(
        "constructor-key-crash",
        answer(500, because="it is taken for a class (observed v4.20.2)"),
        promised=answer(201, holds({"jobParams.mine.kept": 2}), because=WHY),
    )


def test_anonymous_names_an_owner_in_vain(trial: Trial) -> None:
    """An owner user named by anonymous is not stored."""
    body = trial.body(ownerUser=SITE.identity("user1").name)
    trial.post(ANONYMOUS, body).must_answer(
        201, holds({"ownerUser": None, "createdBy": "anonymous"}), because=WHY
    )
