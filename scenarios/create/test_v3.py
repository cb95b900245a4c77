"""Create through v3: the rows of the v4 matrix that v3 can express.

Rules: create.v3.*, and the v4 rules on the mapped request. The documentation promises the same
authorization; the mapping itself was observed. Not covered: lists whose first dataset decides the
owner group where the order is not promised.
"""

from __future__ import annotations

from functools import partial

from scicat_harness.fixtures.case import CreateCase
from scicat_harness.fixtures.cases import (
    create_fault_cases,
    create_list_cases,
    create_order_cases,
    create_token_cases,
    create_v3_cases,
)
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial
from scicat_harness.model.request import Api


@matrix(create_v3_cases)
def test_every_auth_value(case: CreateCase, trial: Trial) -> None:
    """The main matrix, through v3."""
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(partial(create_list_cases, Api.V3))
def test_dataset_lists_and_files(case: CreateCase, trial: Trial) -> None:
    """Malformed lists, and lists that name files."""
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(lambda _: create_order_cases(Api.V3))
def test_order_of_datasets(case: CreateCase, trial: Trial) -> None:
    """Two datasets of different kinds, in both orders."""
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(lambda _: create_fault_cases(Api.V3))
def test_defective_bodies(case: CreateCase, trial: Trial) -> None:
    """Bodies that validation rejects, and job types that do not exist."""
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(lambda _: create_token_cases(Api.V3))
def test_tokens_that_prove_nothing(case: CreateCase, trial: Trial) -> None:
    """Garbage, another secret's signature, an expired token, the token of /users/jwt."""
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()
