"""Update: identity x update auth x whose job.

Rules: update.*, endpoint.update.*. Source: documentation authorization_jobs.md. Judged: status,
message class, and that the stored job shows the update, or no trace of it. Not covered: what a
PATCH does to a job result in detail.
"""

from __future__ import annotations

from functools import partial

from scicat_harness.fixtures.case import UpdateCase
from scicat_harness.fixtures.cases import update_cases, update_fault_cases, update_pair_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial
from scicat_harness.model.request import Api, PatchForm


@matrix(partial(update_cases, Api.V4, PatchForm.REPLACE))
def test_every_auth_value(case: UpdateCase, trial: Trial) -> None:
    """Through v4, as JSON."""
    outcome = trial.update(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(partial(update_cases, Api.V4, PatchForm.MERGE))
def test_every_auth_value_by_merge_patch(case: UpdateCase, trial: Trial) -> None:
    """Through v4, as a merge patch."""
    outcome = trial.update(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(partial(update_cases, Api.V3, PatchForm.REPLACE))
def test_every_auth_value_through_v3(case: UpdateCase, trial: Trial) -> None:
    """Through v3."""
    outcome = trial.update(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(lambda _: update_pair_cases())
def test_create_auth_has_no_say(case: UpdateCase, trial: Trial) -> None:
    """Pairs of create and update auth values."""
    outcome = trial.update(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(lambda _: update_fault_cases())
def test_defective_bodies_and_unknown_ids(case: UpdateCase, trial: Trial) -> None:
    """Bodies that validation rejects, and ids that no job has."""
    outcome = trial.update(case.identity, case.request)
    outcome.must_be_as_specified()
