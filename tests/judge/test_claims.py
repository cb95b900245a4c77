"""Claims: what a prediction says will be stored, in the terms of one request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scicat_harness.fixtures.axes import DATASET_LISTS
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.claims import create_claim, update_claim
from scicat_harness.judge.desk import Desk
from scicat_harness.judge.settle import Created, Untouched, Updated
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, Ownership, UpdateRequest

from ..stubs import desk_of, exchange_of

OWN = next(each for each in DATASET_LISTS if each.name == "own")
REQUEST = CreateRequest("owner_access", OWN, Ownership(group="group1"))
JOB = JobOwnership("mine", "user1", "group1")
TOLD = exchange_of(201, {"id": "id-1"})


@pytest.fixture
def desk() -> Desk:
    """A desk that knows where the dataset is."""
    made = desk_of()
    made.stage = replace(made.stage, pids={"own": "run/own"})
    return made


def claim_of(desk: Desk, who: str, status: int) -> Created | Untouched:
    """The claim of a create that was answered with that status."""
    prediction = desk.expect(lambda oracle: oracle.create(SITE.identity(who), REQUEST)).against
    exchange = exchange_of(status, {"id": "id-1", "message": "no"})
    made = create_claim(desk, prediction, REQUEST, exchange)
    assert not isinstance(made, Updated)
    return made


def test_a_refused_create_leaves_nothing(desk: Desk) -> None:
    assert claim_of(desk, "user5", 403) == Untouched("run-main-1")


def test_a_permitted_create_leaves_the_job_that_was_told(desk: Desk) -> None:
    made = claim_of(desk, "user1", 201)
    assert isinstance(made, Created)
    assert (made.job_id, made.pids) == ("id-1", ("run/own",))
    assert made.fields["type"] == "owner_access"
    assert made.job.owner_user == {"user1"}


def test_who_is_told_of_a_failure_learns_no_id(desk: Desk) -> None:
    made = claim_of(desk, "user1", 400)
    assert isinstance(made, Created)
    assert made.job_id is None


@pytest.mark.parametrize(("who", "by"), [("user1", "user1"), ("forger", "anonymous")])
def test_an_update_leaves_who_made_it(desk: Desk, who: str, by: str) -> None:
    request = UpdateRequest("all_access.all_update", JOB, Api.V3)
    identity = SITE.identity(who)
    made = update_claim(identity, request, "id-1", "run-main-2", desk.made_job_fields(request))
    assert isinstance(made, Updated)
    assert (made.by, made.job_id, made.spoken_v3) == (by, "id-1", True)
    assert made.unchanged["ownerUser"] == "user1"


def test_an_update_leaves_what_it_sent(desk: Desk) -> None:
    request = UpdateRequest("all_access.all_update", JOB, status="finished", result={"a": 1})
    unchanged = desk.made_job_fields(request)
    made = update_claim(SITE.identity("user1"), request, "id-1", "run-main-2", unchanged)
    assert isinstance(made, Updated)
    assert (made.status, made.result, made.spoken_v3) == ("finished", {"a": 1}, False)
