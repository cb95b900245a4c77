"""A new job's document, field by field, in v4 and v3.

Source: backend documentation of the job schema; observed on v4.20.2 to v5.2.1. What a body turns
into is in ``create/test_documents.py``, who owns a job in the create matrix.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from scicat_harness.config.jobconfig import config_version
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.trial import Told, Trial
from scicat_harness.model.identity import ANONYMOUS
from scicat_harness.scenarios.documents import holds
from scicat_harness.scenarios.jobs import CONTACT, EFFECTS, OPERATOR, about, body_v3, body_v4, made

pytestmark = pytest.mark.site(EFFECTS)

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


def fields(*wanted: str) -> Any:
    """The document has these fields and no others."""

    def problems(document: Any) -> list[str]:
        found = sorted(document)
        return [] if found == sorted(wanted) else [f"has {found} instead of {sorted(wanted)}"]

    return problems


def formed(**patterns: re.Pattern[str]) -> Any:
    """These fields are of this form."""

    def problems(document: Any) -> list[str]:
        return [
            f"{key} is {document.get(key)!r}, not of the form {pattern.pattern}"
            for key, pattern in patterns.items()
            if not pattern.fullmatch(str(document.get(key)))
        ]

    return problems


def test_fields_of_an_owned_job(trial: Trial) -> None:
    """All of them, and nothing else."""
    body = body_v4(trial, ownerUser="user1", ownerGroup="group1")
    outcome = trial.tell(
        OPERATOR,
        about("create"),
        lambda client: client.send(OPERATOR, "POST", "/api/v4/jobs", body=body),
        Told(201, WHY, fields(*FIELDS_V4)),
    )
    outcome.must_be_as_specified()


def test_fields_of_nobodys_job(trial: Trial) -> None:
    """Owners that are not set are absent, not null."""
    body = body_v4(trial)
    outcome = trial.tell(
        OPERATOR,
        about("create"),
        lambda client: client.send(OPERATOR, "POST", "/api/v4/jobs", body=body),
        Told(201, WHY, fields(*(set(FIELDS_V4) - {"ownerUser", "ownerGroup"}))),
    )
    outcome.must_be_as_specified()


def test_values_of_nobodys_job(trial: Trial) -> None:
    """What the backend fills in."""
    body = body_v4(trial)
    outcome = trial.tell(
        OPERATOR,
        about("create"),
        lambda client: client.send(OPERATOR, "POST", "/api/v4/jobs", body=body),
        Told(
            201,
            WHY,
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
                    "configVersion": config_version(trial.desk.site.job_types.values()),
                    "jobResultObject": {},
                    "__v": 0,
                }
            ),
        ),
    )
    outcome.must_be_as_specified()


def test_an_anonymous_job_has_an_empty_contact(trial: Trial) -> None:
    """Nobody gave one; the creator is called anonymous."""
    body = body_v4(trial, contactEmail=None)
    outcome = trial.tell(
        ANONYMOUS,
        about("create"),
        lambda client: client.send(ANONYMOUS, "POST", "/api/v4/jobs", body=body),
        Told(
            201,
            WHY,
            holds({"contactEmail": "", "createdBy": "anonymous", "updatedBy": "anonymous"}),
        ),
    )
    outcome.must_be_as_specified()


def test_form_of_ids_and_times(trial: Trial) -> None:
    """A version 4 UUID in lower case; ISO 8601 in UTC with milliseconds."""
    body = body_v4(trial)
    outcome = trial.tell(
        OPERATOR,
        about("create"),
        lambda client: client.send(OPERATOR, "POST", "/api/v4/jobs", body=body),
        Told(201, WHY, formed(id=ID, _id=ID, createdAt=TIME, updatedAt=TIME)),
    )
    outcome.must_be_as_specified()


def test_both_ids_are_the_same(trial: Trial) -> None:
    """And neither can be chosen."""
    job = made(trial, body_v4(trial))
    outcome = trial.tell(
        OPERATOR,
        about("read"),
        lambda client: client.read(OPERATOR, job["_id"]),
        Told(200, WHY, holds({"id": job["id"], "_id": job["id"], "createdAt": job["updatedAt"]})),
    )
    outcome.must_be_as_specified()


def test_fields_of_a_v3_document(trial: Trial) -> None:
    """All of them when all are set, and nothing else."""
    body = body_v3(trial, executionTime="2030-01-01T00:00:00.000Z")
    outcome = trial.tell(
        OPERATOR,
        about("create", "v3"),
        lambda client: client.send(OPERATOR, "POST", "/api/v3/jobs", body=body),
        Told(201, WHY, fields(*FIELDS_V3)),
    )
    outcome.must_be_as_specified()


PARAMS: dict[str, Any] = {
    "nested": {"a": {"b": [{"c": None}, 1.5, True]}},
    "dotted.key": 1,
    "$where": "harmless",
    "unicode": "Größe 日本 😀",
    "empty": {"text": "", "list": [], "object": {}},
    "large": 9007199254740991,
}


@pytest.mark.parametrize("name", list(PARAMS))
def test_parameters_are_kept(name: str, trial: Trial) -> None:
    """Whatever JSON can say, under whatever key."""
    job = made(trial, body_v4(trial, {name: PARAMS[name]}))
    outcome = trial.tell(
        OPERATOR,
        about("read"),
        lambda client: client.read(OPERATOR, job["id"]),
        Told(200, WHY, _keeps(name)),
    )
    outcome.must_be_as_specified()


def _keeps(name: str) -> Any:
    def problems(document: Any) -> list[str]:
        found = document["jobParams"].get(name)
        return [] if found == PARAMS[name] else [f"{name} is {found!r}"]

    return problems


def test_a_parameter_named_constructor(trial: Trial) -> None:
    """Dropped, too; on some releases an object with such a key ends in a server error."""
    body = body_v4(trial, {"mine": {"constructor": 1, "kept": 2}})
    outcome = trial.tell(
        OPERATOR,
        about("create"),
        lambda client: client.send(OPERATOR, "POST", "/api/v4/jobs", body=body),
        Told(500, "it is taken for a class (observed v4.20.2)"),
        promised=Told(201, WHY, holds({"jobParams.mine.kept": 2})),
    )
    outcome.must_deviate("constructor-key-crash")


def test_anonymous_names_an_owner_in_vain(trial: Trial) -> None:
    """An owner user named by anonymous is not stored."""
    body = body_v4(trial, ownerUser=SITE.identity("user1").name)
    outcome = trial.tell(
        ANONYMOUS,
        about("create"),
        lambda client: client.send(ANONYMOUS, "POST", "/api/v4/jobs", body=body),
        Told(201, WHY, holds({"ownerUser": None, "createdBy": "anonymous"})),
    )
    outcome.must_be_as_specified()
