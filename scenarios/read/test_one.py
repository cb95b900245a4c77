"""Read one job: identity x whose job.

Rules: read.*, endpoint.read.*. Source: documentation authorization_jobs.md, where its description
of the privileged groups (read any job) and its table disagree; the description is taken. Having
created a job does not count, nor does its create or update auth.
"""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.case import JobCase
from scicat_harness.fixtures.cases import read_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.matchers import has_rows
from scicat_harness.judge.trial import Trial
from scicat_harness.model.request import Api
from scicat_harness.scenarios.jobs import OPERATOR


@matrix(lambda _: read_cases(Api.V4))
def test_through_v4(case: JobCase, trial: Trial) -> None:
    """GET /api/v4/jobs/ID."""
    outcome = trial.read(case.identity, case.job_type, case.job, case.api)
    outcome.must_be_as_specified()


@matrix(lambda _: read_cases(Api.V3))
def test_through_v3(case: JobCase, trial: Trial) -> None:
    """GET /api/v3/jobs/ID."""
    outcome = trial.read(case.identity, case.job_type, case.job, case.api)
    outcome.must_be_as_specified()


NOT_THEIRS = (
    "a job is read by its owners and by privileged users (documentation: authorization_jobs)"
)
TYPE = "all_access"


@pytest.mark.parametrize("api", ["v3", "v4"])
def test_what_else_a_job_has_of_its_reader(api: str, trial: Trial) -> None:
    """Access to all of its datasets, or its contact address, opens no job of others."""
    listed = {"datasetList": [{"pid": trial.pid("shared"), "files": []}]}
    # The address that a job of user2 without a contact gets.
    body = trial.body(type=TYPE, ownerGroup="group2")
    del body["contactEmail"]
    address = trial.make(body, SITE.identity("user2"))["contactEmail"]
    owned = {"ownerUser": "user5", "ownerGroup": "group5", "contactEmail": address}
    job = trial.make(trial.body(listed, type=TYPE, **owned), OPERATOR)
    for who in ("user2", "outsider", "groupless"):
        identity = SITE.identity(who)
        trial.get(identity, job, api).must_answer(403, because=NOT_THEIRS)
        asked = {"filter": {"where": {"id": job["id"]}}}
        fields = {"fields": {"id": job["id"]}}
        path, params = ("v4/jobs", asked) if api == "v4" else ("v3/jobs/fullquery", fields)
        trial.query(identity, path, params).must_answer(200, has_rows(0), because=NOT_THEIRS)
    trial.get(SITE.identity("user5"), job, api).must_answer(200, because=NOT_THEIRS)
