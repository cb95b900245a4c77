"""Documents of new jobs: what a body turns into, field by field, in v3 and v4.

Source: the v3 to v4 mapping as observed on v4.20.2 to v5.2.1. Hand-written documents. Fields that
every job has of its own (ids, times) are left out.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.matchers import holds, lacks
from scicat_harness.judge.trial import Trial
from scicat_harness.model.release import V3_STATUS_KEPT, ByRelease

OPERATOR = SITE.identity("operator")
MAPPED = "v3 and v4 show the same job in their terms (observed v4.20.2 to v5.2.1)"
TIME = "2030-01-01T00:00:00.000Z"
FIRST_STATUS = ByRelease(
    ("jobSubmitted", "Job submitted."), ((V3_STATUS_KEPT, ("started", "started")),)
)
"""Status code and message of a job that was asked to be ``started``, by release."""


def first_status(trial: Trial) -> tuple[str, str]:
    """Those of the release that is judged."""
    return FIRST_STATUS.at(trial.release)


def v3_body(trial: Trial) -> dict[str, Any]:
    """A v3 body that uses every field."""
    return {
        "type": "all_access",
        "emailJobInitiator": "initiator@elsewhere.example",
        "jobParams": {
            **trial.marks(),
            "username": "user1",
            "ownerGroup": "group1",
            "depth": 3,
        },
        "datasetList": [{"pid": trial.pid("own"), "files": ["run/a.h5"]}],
        "executionTime": TIME,
        "jobStatusMessage": "started",
    }


def test_v3_body_shows_as_v3_document(trial: Trial) -> None:
    """Every field comes back under its v3 name; owners do not show."""
    code, _ = first_status(trial)
    body = v3_body(trial)
    trial.post(OPERATOR, body, api="v3").must_answer(
        201,
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
        because=MAPPED,
    )


@pytest.mark.parametrize(
    "field", ["ownerUser", "ownerGroup", "createdBy", "configVersion", "statusMessage"]
)
def test_v3_document_hides_v4_fields(field: str, trial: Trial) -> None:
    """A v3 document has none of the fields that v4 added."""
    trial.post(OPERATOR, v3_body(trial), api="v3").must_answer(201, lacks(field), because=MAPPED)


def test_v3_body_is_stored_in_v4_terms(trial: Trial) -> None:
    """A job made through v3, read through v4."""
    code, message = first_status(trial)
    body = v3_body(trial)
    job = trial.make(body, OPERATOR, "v3")
    trial.get(OPERATOR, job).must_answer(
        200,
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
        because=MAPPED,
    )


def test_v4_status_message_in_parameters_is_the_first_status(trial: Trial) -> None:
    """``jobParams.jobStatusMessage`` becomes statusCode and statusMessage, and is taken out."""
    trial.needs(V3_STATUS_KEPT, "jobStatusMessage at create", OPERATOR)
    body = trial.body({"jobStatusMessage": "begun"}, type="all_access")
    trial.post(OPERATOR, body).must_answer(
        201,
        holds(
            {"statusCode": "begun", "statusMessage": "begun", "jobParams.jobStatusMessage": None}
        ),
        because="the first status may be given (observed v5.2.1)",
    )
