"""Delete: only members of DELETE_JOB_GROUPS, and they any job.

Rules: delete.*, endpoint.delete.*. Source: documentation authorization_jobs.md (admins may not).
Judged: status, message class, and that the job is gone, or still there.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import JobCase
from scicat_harness.fixtures.cases import delete_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial
from scicat_harness.model.request import Api


@matrix(lambda _: delete_cases(Api.V4))
def test_through_v4(case: JobCase, trial: Trial) -> None:
    """DELETE /api/v4/jobs/ID."""
    outcome = trial.delete(case.identity, case.job_type, case.job, case.api)
    outcome.must_be_as_specified()


@matrix(lambda _: delete_cases(Api.V3))
def test_through_v3(case: JobCase, trial: Trial) -> None:
    """DELETE /api/v3/jobs/ID."""
    outcome = trial.delete(case.identity, case.job_type, case.job, case.api)
    outcome.must_be_as_specified()
