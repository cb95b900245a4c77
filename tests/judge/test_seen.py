"""What a record tells of every request of a check, before and after it is settled."""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.outcome import CheckFailed, Outcome
from scicat_harness.judge.settle import Settlement, Untouched
from scicat_harness.judge.sighting import Sighting
from scicat_harness.judge.trial import Trial
from scicat_harness.model.dataset import DatasetList, Listed
from scicat_harness.model.request import CreateRequest, Ownership

from ..stubs import desk_of, exchange_of, outcome_of

FOREIGN = CreateRequest(
    "owner_access", DatasetList("foreign", (Listed("foreign"),)), Ownership(group="group1")
)
REFUSAL = exchange_of(403, {"message": "User does not have access to all datasets, cannot create"})
LEAK: dict[str, object] = {
    "id": "id-1",
    "createdBy": "user1",
    "jobParams": {"correlation": REFUSAL.correlation},
}


def refused() -> Outcome:
    """A create that was refused as it must be, and claims to have left nothing."""
    outcome = outcome_of(desk_of(), "user1", FOREIGN, REFUSAL)
    outcome.claim = lambda reply: Untouched(reply.correlation or "")
    return outcome


def seen(trial: Trial) -> list[Sighting]:
    """What its record tells."""
    assert trial.record is not None
    return [Sighting.from_json(each) for each in trial.record.seen]


def test_what_a_request_left_is_not_known_before_it_is_settled() -> None:
    outcome = refused()
    outcome.must_be_as_specified()
    (found,) = seen(outcome.trial)
    assert (found.operation, found.identity, found.job_type) == ("create", "user1", "owner_access")
    assert (found.status, found.observed, found.rule) == (403, "deny", "create.datasets.owner")
    assert found.effects is None


def settled(*documents: dict[str, object]) -> Sighting:
    """What the record tells when so much was stored."""
    outcome = refused()
    outcome.trial.desk.settlement = Settlement(lambda _: list(documents))
    outcome.must_be_as_specified()
    outcome.trial.desk.settlement.settle()
    (found,) = seen(outcome.trial)
    return found


def test_nothing_left_is_known_to_be_nothing() -> None:
    assert settled().effects == ()


def test_a_job_that_should_not_be_there_is_told() -> None:
    assert settled(LEAK).effects == ({"channel": "job", "createdBy": "user1"},)


@pytest.mark.parametrize(("shown", "observed"), [(True, "allow"), (False, "deny"), (None, "allow")])
def test_a_list_allows_what_it_shows(shown: bool | None, observed: str) -> None:
    outcome = outcome_of(desk_of(), "user1", FOREIGN, exchange_of(200, []))
    outcome.shown = lambda _: shown
    with pytest.raises(CheckFailed):
        outcome.must_be_as_specified()
    assert [each.observed for each in seen(outcome.trial)] == [observed]


def test_every_request_is_told_in_order() -> None:
    first = refused()
    trial = first.trial
    second = Outcome(
        trial,
        SITE.identity("user2"),
        first.expected,
        REFUSAL,
        first.log,
        first.subject,
    )
    second.must_be_as_specified()
    assert [each.identity for each in seen(trial)] == ["user1", "user2"]


def test_what_is_taken_over_from_a_backend_that_ended_comes_first() -> None:
    former, later = refused(), refused()
    former.must_be_as_specified()
    later.trial.desk.settlement = Settlement(lambda _: [])
    later.trial.take_over(former.trial)
    later.must_be_as_specified()
    assert [each.effects for each in seen(later.trial)] == [(), None]
