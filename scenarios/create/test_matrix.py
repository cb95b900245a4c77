"""Create through v4: identity x create auth x datasets x ownership.

Rules: create.*, stored.*, endpoint.create.* on the union configuration. Sources:
specification: create.steps; authorization_jobs.md. Judged for each row: status, message class,
the owner fields of the reply, and what is stored, or that nothing is. Not covered here: small
configurations (scenarios/endpoint), what actions do.
"""

from __future__ import annotations

from functools import partial

from scicat_harness.fixtures.case import CreateCase
from scicat_harness.fixtures.cases import (
    create_cases,
    create_fault_cases,
    create_list_cases,
    create_more_cases,
    create_order_cases,
    create_token_cases,
)
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial
from scicat_harness.model.request import Api


@matrix(create_cases)
def test_every_auth_value(case: CreateCase, trial: Trial) -> None:
    """The main matrix."""
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(create_more_cases)
def test_more_lists_owners_and_identities(case: CreateCase, trial: Trial) -> None:
    """Cases that the main matrix leaves out to stay readable."""
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(partial(create_list_cases, Api.V4))
def test_dataset_lists_and_files(case: CreateCase, trial: Trial) -> None:
    """Malformed lists, and lists that name files."""
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(lambda _: create_order_cases(Api.V4))
def test_order_of_datasets(case: CreateCase, trial: Trial) -> None:
    """Two datasets of different kinds, in both orders."""
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(lambda _: create_fault_cases(Api.V4))
def test_defective_bodies(case: CreateCase, trial: Trial) -> None:
    """Bodies that validation rejects, and job types that do not exist."""
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(lambda _: create_token_cases(Api.V4))
def test_tokens_that_prove_nothing(case: CreateCase, trial: Trial) -> None:
    """Garbage, another secret's signature, an expired token, the token of /users/jwt."""
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()
