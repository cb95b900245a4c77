"""A PATCH replaces or merges the job result, by its media type.

Source: observed on v4.20.2 to v5.2.1; RFC 7396 for merge patches. Hand-written results. Who may
PATCH is in the matrix.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.matchers import holds
from scicat_harness.judge.must import must_not_be_logged
from scicat_harness.judge.trial import UNKNOWN_ID, Trial
from scicat_harness.model.release import V3_STATUS_KEPT
from scicat_harness.model.request import Api, JobOwnership, PatchForm

OPERATOR = SITE.identity("operator")
TYPE = "all_access.admin_update"
JOB = JobOwnership("nobodys")
BEFORE = {"r": 1, "n": {"x": 1, "y": 2}, "l": [1, 2]}
TIME = "2031-01-01T00:00:00.000Z"
STATUS = {"statusCode": "s", "statusMessage": "m"}
WRITTEN = "an update writes what it names (documentation: PATCH)"

REPLACE, MERGE = PatchForm.REPLACE, PatchForm.MERGE

ROWS: dict[str, tuple[Api, PatchForm, dict[str, Any], dict[str, Any]]] = {
    "json-replaces": (
        Api.V4,
        REPLACE,
        {**STATUS, "jobResultObject": {"a": 1}},
        {"jobResultObject": {"a": 1}, "statusCode": "s", "statusMessage": "m"},
    ),
    "json-without-result-keeps": (Api.V4, REPLACE, STATUS, {"jobResultObject": BEFORE}),
    "json-null-stores-null": (
        Api.V4,
        REPLACE,
        {**STATUS, "jobResultObject": None},
        {"jobResultObject": None},
    ),
    "json-execution-time-moves-to-parameters": (
        Api.V4,
        REPLACE,
        {**STATUS, "jobResultObject": {"executionTime": TIME, "k": 1}},
        {"jobResultObject": {"k": 1}, "jobParams.executionTime": TIME},
    ),
    "merge-merges": (
        Api.V4,
        MERGE,
        {**STATUS, "jobResultObject": {"n": {"y": None, "z": 3}, "l": [9]}},
        {"jobResultObject": {"r": 1, "n": {"x": 1, "z": 3}, "l": [9]}},
    ),
    "v3-status-sets-both": (
        Api.V3,
        REPLACE,
        {"jobStatusMessage": "done", "jobResultObject": {"b": 2}},
        {"statusCode": "done", "statusMessage": "done", "jobResultObject": {"b": 2}},
    ),
    "v3-execution-time": (
        Api.V3,
        REPLACE,
        {"executionTime": TIME},
        {"jobParams.executionTime": TIME, "jobResultObject": {}},
    ),
}


def test_v3_shows_the_status_code(trial: Trial) -> None:
    """The v3 document has the code as ``jobStatusMessage``; the message does not show."""
    job = trial.stored_job(TYPE, JOB)
    trial.patch(OPERATOR, job, STATUS).must_succeed("the status is changed")
    trial.get(OPERATOR, job, api="v3").must_answer(
        200, holds({"jobStatusMessage": "s"}), because="v3 shows the code (observed v5.2.1)"
    )


@pytest.mark.parametrize("api", ["v4", "v3"])
def test_an_id_that_no_job_has(api: str, trial: Trial) -> None:
    """Through v3, too, where the body need not name a status."""
    body = STATUS if api == "v4" else {"jobResultObject": {"a": 1}}
    if api == "v3":
        trial.needs(V3_STATUS_KEPT, "a v3 PATCH without jobStatusMessage", OPERATOR)
    trial.patch(OPERATOR, {"id": UNKNOWN_ID}, body, api=api).must_answer(
        400,
        because="there is no such job (observed v4.20.2 to v5.2.1)",
        message=r"Invalid job id\.",
    )


def test_an_update_of_a_present_job_says_nothing_of_versions(trial: Trial) -> None:
    """The log warns of another configVersion; here it is that of the configuration."""
    job = trial.stored_job(TYPE, JOB)
    update = trial.patch(OPERATOR, job, STATUS)
    update.must_answer(200, because=WRITTEN)
    later = trial.stored_job(TYPE, JOB)
    trial.patch(OPERATOR, later, STATUS).must_answer(200, because=WRITTEN)
    must_not_be_logged(
        update.log, r"\[JobUpdate\]", until=later["id"], what="whether the log warns of a version"
    )


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])
def test_stored_result(
    row: tuple[Api, PatchForm, dict[str, Any], dict[str, Any]], trial: Trial
) -> None:
    """PATCH a job that has a result, and read what is stored."""
    api, form, body, wanted = row
    if api is Api.V3 and "jobStatusMessage" not in body:
        trial.needs(V3_STATUS_KEPT, "a v3 PATCH without jobStatusMessage", OPERATOR)
    job = trial.stored_job(TYPE, JOB)
    trial.patch(OPERATOR, job, {**STATUS, "jobResultObject": BEFORE}).must_succeed(
        "it has a result"
    )
    trial.patch(OPERATOR, job, body, api=api, form=form).must_answer(200, because=WRITTEN)
    trial.get(OPERATOR, job).must_answer(200, holds(wanted), because=WRITTEN)
