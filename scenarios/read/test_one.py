"""Read one job: identity x whose job.

Rules: read.*, endpoint.read.*. Source: documentation authorization_jobs.md, where its description
of the privileged groups (read any job) and its table disagree; the description is taken. Having
created a job does not count, nor does its create or update auth.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import JobCase
from scicat_harness.fixtures.cases import read_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial
from scicat_harness.model.request import Api


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
