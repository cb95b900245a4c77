"""Expectations of one request: reply, stored job, and the id that a client learns."""

from __future__ import annotations

import pytest

from scicat_harness.client.bodies import update_body
from scicat_harness.fixtures.axes import DATASET_LISTS
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.context import CheckContext
from scicat_harness.judge.expecting import of_create, of_delete, of_read, of_update
from scicat_harness.model.expectation import Expectation, StoredExpectation
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, Ownership, UpdateRequest
from scicat_harness.oracle.predict import Oracle, Prediction
from scicat_harness.oracle.rule import Reading

from ..stubs import context_of, exchange_of

OWN = next(each for each in DATASET_LISTS if each.name == "own")
REQUEST = CreateRequest("owner_access", OWN, Ownership(group="group1"))
PARAMS = {"correlation": "run-main-1", "datasetList": [{"pid": "run/own", "files": []}]}
JOB = JobOwnership("mine", "user1", "group1")


@pytest.fixture
def context() -> CheckContext:
    """A desk whose backend does not exist."""
    return context_of()


def created(context: CheckContext, who: str, status: int) -> Expectation:
    """What is expected of a create that was answered with that status."""

    def predict(oracle: Oracle) -> Prediction:
        return oracle.create(SITE.identity(who), REQUEST)

    reply = exchange_of(status, {"id": "id-1", "message": "no"})
    fields = context.new_job_fields(REQUEST, {"type": "owner_access", "jobParams": PARAMS})
    prediction = context.predict(predict)[Reading.OBSERVED]
    return of_create(prediction, reply, Api.V4, fields)


def stored(expectation: Expectation) -> StoredExpectation:
    """The job that must carry the request."""
    assert expectation.stored is not None
    return expectation.stored


def test_a_refused_create_leaves_nothing(context: CheckContext) -> None:
    assert created(context, "user5", 403).stored is None


def test_a_permitted_create_leaves_the_job_of_its_reply(context: CheckContext) -> None:
    job = stored(created(context, "user1", 201))
    assert (job.job_id, job.whole) == ("id-1", True)
    assert job.fields["type"] == "owner_access"
    assert job.fields["jobParams"] == PARAMS
    assert job.owners is not None
    assert job.owners.owner_user == {"user1"}


def test_a_failed_create_shows_no_id(context: CheckContext) -> None:
    assert stored(created(context, "user1", 400)).job_id is None


def updated(
    context: CheckContext, who: str, request: UpdateRequest, *, whole: bool = False
) -> Expectation:
    """What is expected of an update of a job."""

    def predict(oracle: Oracle) -> Prediction:
        return oracle.update(SITE.identity(who), request)

    prediction = context.predict(predict)[Reading.OBSERVED]
    before = {"id": "id-1", "jobParams": {"a": 1}, **context.made_job_fields(request)}
    body = update_body(request, "run-main-2")
    return of_update(prediction, SITE.identity(who), request, body, before, whole=whole)


@pytest.mark.parametrize(("who", "by"), [("user1", "user1"), ("passerby", "anonymous")])
def test_an_update_leaves_who_made_it(context: CheckContext, who: str, by: str) -> None:
    job = stored(updated(context, who, UpdateRequest("all_access.all_update", JOB, Api.V3)))
    assert (job.fields["updatedBy"], job.job_id) == (by, "id-1")
    assert job.fields["statusMessage"] == job.fields["statusCode"] == "run-main-2"
    assert job.fields["ownerUser"] == "user1"


def test_an_update_leaves_what_it_sent(context: CheckContext) -> None:
    request = UpdateRequest("all_access.all_update", JOB, status="finished", result={"a": 1})
    job = stored(updated(context, "user1", request))
    assert job.fields["jobResultObject"] == {"mark": "run-main-2", "a": 1}
    assert job.fields["jobParams"] == {"a": 1}
    assert (job.fields["statusCode"], job.fields["statusMessage"]) == ("finished", "run-main-2")


def test_a_refused_update_changes_nothing_of_a_known_job(context: CheckContext) -> None:
    request = UpdateRequest("owner_access.owner_user_update", JOB)
    refused = updated(context, "user3", request, whole=True)
    assert refused.stored is None
    assert refused.keeps is not None
    assert refused.keeps["jobParams"] == {"a": 1}
    # Of a job that is not known as a whole nothing can be compared.
    assert updated(context, "user3", request).keeps is None


def predicted(context: CheckContext, who: str) -> Prediction:
    """Whether somebody may read a job of user1."""
    return context.predict(lambda oracle: oracle.read(SITE.identity(who), "all_access", JOB))[
        Reading.OBSERVED
    ]


def test_a_reply_to_a_read_is_about_the_job_that_was_asked_for(context: CheckContext) -> None:
    document = of_read(predicted(context, "user1"), "id-1", None).document
    assert list(document({"id": "id-1"})) == []
    (found,) = document({"id": "id-2"})
    assert (found.path, found.expected, found.observed) == ("reply.id", "id-1", "id-2")


@pytest.mark.parametrize(("who", "exists"), [("superoperator", False), ("user1", True)])
def test_a_job_is_gone_if_and_only_if_its_removal_is_permitted(
    context: CheckContext, who: str, exists: bool
) -> None:
    found = context.predict(lambda oracle: oracle.delete(SITE.identity(who), "all_access", JOB))
    assert of_delete(found[Reading.OBSERVED], JOB).exists is exists
    assert of_delete(found[Reading.OBSERVED], None).exists is None
