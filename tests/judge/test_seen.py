"""The records of the requests of a check, before and after it is settled."""

from __future__ import annotations

import pytest

from scicat_harness.judge.failure import CheckFailed
from scicat_harness.judge.record import RequestRecord
from scicat_harness.judge.settle import Settlement
from scicat_harness.judge.trial import Trial
from scicat_harness.model.dataset import DatasetList, Listed
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.request import CreateRequest, Ownership

from ..stubs import asked, context_of, exchange_of

FOREIGN = CreateRequest(
    "owner_access", DatasetList("foreign", (Listed("foreign"),)), Ownership(group="group1")
)
OWN = CreateRequest("owner_access", DatasetList("own", (Listed("own"),)), Ownership(group="group1"))
REFUSAL = exchange_of(403, {"message": "User does not have access to all datasets, cannot create"})
GROUPLESS = exchange_of(
    403,
    {"message": "User does not belong to any group, cannot create job with #datasetOwner auth."},
)
ENTRY = "create-privileged-counts-as-groupless"
LEAK: dict[str, object] = {
    "id": "id-1",
    "createdBy": "user1",
    "jobParams": {"correlation": REFUSAL.correlation},
}


def trial_of(*stored: dict[str, object]) -> Trial:
    """A trial on a backend that has these jobs."""
    trial = Trial(context_of(), "scenarios/case")
    trial.context.settlement = Settlement(lambda _: list(stored))
    return trial


def refused(trial: Trial, who: str = "user1") -> None:
    """A create that is refused as it must be, and is to be settled."""
    asked(trial, who, FOREIGN, REFUSAL, settles=True).must_be_as_specified()


def deviating(trial: Trial) -> None:
    """A create that shows a known deviation."""
    asked(trial, "ingestor1", OWN, GROUPLESS).must_be_as_specified()


def failing(trial: Trial) -> None:
    """A create that is let through against the rules."""
    with pytest.raises(CheckFailed):
        asked(trial, "user1", FOREIGN, exchange_of(201, {})).must_be_as_specified()


def seen(trial: Trial) -> tuple[RequestRecord, ...]:
    """The records of its requests."""
    assert trial.record is not None
    return trial.record.requests


def test_what_a_request_left_is_not_known_before_it_is_settled() -> None:
    trial = trial_of()
    refused(trial)
    (found,) = seen(trial)
    assert (found.operation, found.identity, found.job_type) == ("create", "user1", "owner_access")
    assert (found.status, found.observed, found.rule) == (403, "deny", "create.datasets.owner")
    assert (found.effects, found.verdict) == (None, "passed")


def settled(*documents: dict[str, object]) -> RequestRecord:
    """The record of a refused request after which these jobs are stored."""
    trial = trial_of(*documents)
    refused(trial)
    trial.context.settlement.settle()
    (found,) = seen(trial)
    return found


def test_nothing_left_is_known_to_be_nothing() -> None:
    assert (settled().effects, settled().verdict) == ((), "passed")


def test_a_job_that_should_not_be_there_is_recorded() -> None:
    found = settled(LEAK)
    assert found.effects == ({"channel": "job", "createdBy": "user1"},)
    assert (found.verdict, found.paths) == ("failed", ("stored",))


def test_every_request_is_recorded_in_order() -> None:
    trial = trial_of()
    refused(trial)
    refused(trial, "user3")
    assert [each.identity for each in seen(trial)] == ["user1", "user3"]


@pytest.mark.parametrize("order", [(deviating, refused), (refused, deviating)])
def test_a_deviation_is_kept_whatever_comes_before_or_after_it(order: tuple[object, ...]) -> None:
    trial = trial_of()
    for step in order:
        assert callable(step)
        step(trial)
    record = trial.record
    assert record is not None
    assert (record.verdict, record.ledger, record.deviations) == ("deviating", ENTRY, (ENTRY,))
    assert {each.rule for each in record.requests} < set(record.rules)
    assert sorted(each.verdict for each in record.requests) == ["deviating", "passed"]


def test_a_failure_counts_and_the_deviation_before_it_is_kept() -> None:
    trial = trial_of()
    deviating(trial)
    failing(trial)
    record = trial.record
    assert record is not None
    assert (record.verdict, record.ledger, record.deviations) == (Verdict.FAILED, "", (ENTRY,))
    assert record.reason == "status 201 instead of 403"


def test_what_is_taken_over_from_a_backend_that_ended_comes_first() -> None:
    former, later = trial_of(), trial_of()
    refused(former)
    later.take_over(former)
    refused(later)
    assert [each.effects for each in seen(later)] == [(), None]
