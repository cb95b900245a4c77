"""Lists: every list endpoint shows an identity the same jobs that it may read.

Rules: list.*, endpoint.read.*. Source: documentation authorization_jobs.md. Each identity asks
for each list once per worker; every job in it or missing from it is a check. Not covered: v3
``GET /jobs``, which cannot be filtered and shows a hundred jobs at most.
"""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.case import JobCase
from scicat_harness.fixtures.cases import list_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.fixtures.views import VIEWS
from scicat_harness.judge.trial import Trial
from scicat_harness.judge.views import ListView


@pytest.mark.parametrize("view", VIEWS, ids=[view.name for view in VIEWS])
@matrix(lambda _: list_cases())
def test_shows_what_may_be_read(case: JobCase, view: ListView, trial: Trial) -> None:
    """A job is in the list exactly when the identity may see it."""
    assert case.job is not None
    outcome = trial.browse(case.identity, case.job_type, case.job, view)
    outcome.must_be_as_specified()
