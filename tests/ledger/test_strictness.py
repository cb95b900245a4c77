"""A ledger is strict both ways: what it does not have fails, and so does what it has in vain."""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.axes import DATASET_LISTS
from scicat_harness.judge.failure import CheckFailed
from scicat_harness.judge.ledger import Ledger
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.request import CreateRequest, Ownership
from scicat_harness.oracle.rule import Reading

from ..stubs import context_of, exchange_of, outcome_of, recorded

ENTRY = "create-privileged-counts-as-groupless"
OWN = next(each for each in DATASET_LISTS if each.name == "own")
REQUEST = CreateRequest("owner_access", OWN, Ownership(group="group1"))
GROUPLESS = exchange_of(
    403,
    {
        "message": "User does not belong to any group, cannot create job with #datasetOwner "
        "authorization.",
        "error": "Forbidden",
        "statusCode": 403,
    },
)
CREATED = exchange_of(
    201,
    {
        "id": "1",
        "createdBy": "ingestor1",
        "ownerGroup": "group1",
        "contactEmail": "ingestor1@facility.example",
    },
)
BROKEN = exchange_of(500, "Internal server error")


def test_a_known_deviation_is_counted_as_such() -> None:
    outcome = outcome_of(context_of(), "ingestor1", REQUEST, GROUPLESS)
    outcome.must_be_as_specified()
    record = recorded(outcome)
    assert (record.verdict, record.ledger) == (Verdict.DEVIATING, ENTRY)


def test_a_deviation_without_an_entry_fails() -> None:
    outcome = outcome_of(context_of(ledger=Ledger()), "ingestor1", REQUEST, GROUPLESS)
    with pytest.raises(CheckFailed, match="ledger of known deviations has no entry"):
        outcome.must_be_as_specified()
    assert recorded(outcome).verdict == Verdict.FAILED


def test_a_deviation_that_no_longer_happens_fails_and_names_its_entry() -> None:
    outcome = outcome_of(context_of(), "ingestor1", REQUEST, CREATED)
    with pytest.raises(CheckFailed, match="no longer") as failed:
        outcome.must_be_as_specified()
    assert f"ledger entry {ENTRY} must be closed" in str(failed.value)


def test_any_other_answer_is_not_taken_for_a_mended_deviation() -> None:
    outcome = outcome_of(context_of(), "ingestor1", REQUEST, BROKEN)
    with pytest.raises(CheckFailed, match="status 500 instead of 403") as failed:
        outcome.must_be_as_specified()
    assert "no longer" not in str(failed.value)


def test_held_against_the_documentation_the_deviation_is_a_failure() -> None:
    context = context_of(reading=Reading.DOCUMENTED)
    with pytest.raises(CheckFailed, match="status 403 instead of 201"):
        outcome_of(context, "ingestor1", REQUEST, GROUPLESS).must_be_as_specified()


def test_held_against_the_documentation_the_promise_passes() -> None:
    outcome = outcome_of(context_of(reading=Reading.DOCUMENTED), "ingestor1", REQUEST, CREATED)
    outcome.must_be_as_specified()
    assert recorded(outcome).verdict == Verdict.PASSED
