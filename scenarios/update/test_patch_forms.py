"""What a PATCH does to a job result, by the form it is sent in.

Source: observed on v4.20.2 to v5.2.1; RFC 7396 for merge patches. Hand-written results. Who may
PATCH is in the matrix.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transcript import Exchange
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.trial import Subject, Trial
from scicat_harness.model.release import V3_STATUS_KEPT
from scicat_harness.model.request import Api, JobOwnership, PatchForm, UpdateRequest
from scicat_harness.scenarios.documents import holds

OPERATOR = SITE.identity("operator")
TYPE = "all_access.admin_update"
JOB = JobOwnership("nobodys")
BEFORE = {"r": 1, "n": {"x": 1, "y": 2}, "l": [1, 2]}
TIME = "2031-01-01T00:00:00.000Z"
STATUS = {"statusCode": "s", "statusMessage": "m"}

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
    job_id = trial.desk.pool.make(TYPE, JOB)

    def patch_and_read(client: SciCat) -> Exchange:
        client.send(OPERATOR, "PATCH", f"/api/v4/jobs/{job_id}", body=STATUS)
        return client.read(OPERATOR, job_id, Api.V3)

    outcome = trial.ask(
        OPERATOR,
        Subject("read", Api.V3, TYPE),
        lambda oracle: oracle.read(OPERATOR, TYPE, JOB),
        patch_and_read,
        holds({"jobStatusMessage": "s"}),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])
def test_stored_result(
    row: tuple[Api, PatchForm, dict[str, Any], dict[str, Any]], trial: Trial
) -> None:
    """PATCH a job that has a result, and read what is stored."""
    api, form, body, wanted = row
    if api is Api.V3 and "jobStatusMessage" not in body:
        trial.needs(V3_STATUS_KEPT, "a v3 PATCH without jobStatusMessage", OPERATOR)
    job_id = trial.desk.pool.make(TYPE, JOB)

    def patch_and_read(client: SciCat) -> Exchange:
        first = {**STATUS, "jobResultObject": BEFORE}
        client.send(OPERATOR, "PATCH", f"/api/v4/jobs/{job_id}", body=first)
        client.send(OPERATOR, "PATCH", f"/api/{api}/jobs/{job_id}", body=body, form=form)
        return client.read(OPERATOR, job_id)

    outcome = trial.ask(
        OPERATOR,
        Subject("update", api, TYPE),
        lambda oracle: oracle.update(OPERATOR, UpdateRequest(TYPE, JOB, api, form)),
        patch_and_read,
        holds(wanted),
    )
    outcome.must_be_as_specified()
