"""Documents of new jobs: what a body turns into, field by field, in v3 and v4.

Source: the v3 to v4 mapping as observed on v4.20.2 to v5.2.1. Hand-written documents. Fields that
every job has of its own (ids, times) are left out.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.client.transcript import Exchange
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.trial import Subject, Trial
from scicat_harness.model.release import V3_STATUS_KEPT, ReleaseRange
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, Ownership
from scicat_harness.scenarios.documents import holds, lacks

OPERATOR = SITE.identity("operator")
FOR_USER1 = Ownership(user="user1", group="group1")
OWNED = JobOwnership("user1-and-group1", "user1", "group1")
TIME = "2030-01-01T00:00:00.000Z"
FIRST_STATUS = (
    (ReleaseRange(until=V3_STATUS_KEPT), ("jobSubmitted", "Job submitted.")),
    (ReleaseRange(since=V3_STATUS_KEPT), ("started", "started")),
)
"""Status code and message of a job that was asked to be ``started``, by release."""


def first_status(trial: Trial) -> tuple[str, str]:
    """Those of the release that is judged."""
    return next(status for releases, status in FIRST_STATUS if trial.desk.release in releases)


def v3_body(trial: Trial) -> dict[str, Any]:
    """A v3 body that uses every field."""
    return {
        "type": "all_access",
        "emailJobInitiator": "initiator@elsewhere.example",
        "jobParams": {
            **trial.desk.marks(trial.desk.correlation()),
            "username": "user1",
            "ownerGroup": "group1",
            "depth": 3,
        },
        "datasetList": [{"pid": trial.desk.stage.pids["own"], "files": ["run/a.h5"]}],
        "executionTime": TIME,
        "jobStatusMessage": "started",
    }


def post_v3(trial: Trial, body: dict[str, Any]) -> Exchange:
    """POST through v3 as the operator."""
    return trial.desk.client.send(OPERATOR, "POST", "/api/v3/jobs", body=body)


def test_v3_body_shows_as_v3_document(trial: Trial) -> None:
    """Every field comes back under its v3 name; owners do not show."""
    code, _ = first_status(trial)
    body = v3_body(trial)
    outcome = trial.ask(
        OPERATOR,
        Subject("create", Api.V3, "all_access"),
        lambda oracle: oracle.create(OPERATOR, CreateRequest("all_access", ownership=FOR_USER1)),
        lambda _: post_v3(trial, body),
        holds(
            {
                "emailJobInitiator": "initiator@elsewhere.example",
                "type": "all_access",
                "executionTime": TIME,
                "jobStatusMessage": code,
                "datasetList": body["datasetList"],
                "jobResultObject": {},
                "jobParams.username": "user1",
                "jobParams.depth": 3,
            }
        ),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize(
    "field", ["ownerUser", "ownerGroup", "createdBy", "configVersion", "statusMessage"]
)
def test_v3_document_hides_v4_fields(field: str, trial: Trial) -> None:
    """A v3 document has none of the fields that v4 added."""
    body = v3_body(trial)
    outcome = trial.ask(
        OPERATOR,
        Subject("create", Api.V3, "all_access"),
        lambda oracle: oracle.create(OPERATOR, CreateRequest("all_access", ownership=FOR_USER1)),
        lambda _: post_v3(trial, body),
        lacks(field),
    )
    outcome.must_be_as_specified()


def test_v3_body_is_stored_in_v4_terms(trial: Trial) -> None:
    """What v4 shows of a job made through v3."""
    code, message = first_status(trial)
    body = v3_body(trial)
    job_id = str(post_v3(trial, body).json["id"])
    outcome = trial.ask(
        OPERATOR,
        Subject("read", Api.V4, "all_access"),
        lambda oracle: oracle.read(OPERATOR, "all_access", OWNED),
        lambda client: client.read(OPERATOR, job_id),
        holds(
            {
                "ownerUser": "user1",
                "ownerGroup": "group1",
                "contactEmail": "initiator@elsewhere.example",
                "createdBy": "operator",
                "statusCode": code,
                "statusMessage": message,
                "jobParams.executionTime": TIME,
                "jobParams.datasetList": body["datasetList"],
                "jobParams.depth": 3,
            }
        ),
    )
    outcome.must_be_as_specified()


def test_v4_status_message_in_parameters_is_the_first_status(trial: Trial) -> None:
    """``jobParams.jobStatusMessage`` becomes statusCode and statusMessage, and is taken out."""
    trial.needs(V3_STATUS_KEPT, "jobStatusMessage at create", OPERATOR)
    params = {**trial.desk.marks(trial.desk.correlation()), "jobStatusMessage": "begun"}
    body = {"type": "all_access", "jobParams": params, "contactEmail": "c@elsewhere.example"}
    request = CreateRequest("all_access", ownership=Ownership(email="c@elsewhere.example"))
    outcome = trial.ask(
        OPERATOR,
        Subject("create", Api.V4, "all_access"),
        lambda oracle: oracle.create(OPERATOR, request),
        lambda client: client.send(OPERATOR, "POST", "/api/v4/jobs", body=body),
        holds(
            {"statusCode": "begun", "statusMessage": "begun", "jobParams.jobStatusMessage": None}
        ),
    )
    outcome.must_be_as_specified()
