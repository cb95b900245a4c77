"""From submission to finish: archive, retrieve and public jobs, with their mails and messages.

Source: specification: actions.phases; documentation page jobconfig.md. The archive
system gets a message or a call, and reports its progress to the backend; the contact gets a
mail at every stage. Not covered: what happens to data.
"""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.matchers import holds, value_at
from scicat_harness.judge.must import must_equal
from scicat_harness.judge.outcome import Outcome
from scicat_harness.judge.pinned import Pinned
from scicat_harness.judge.trial import Trial
from scicat_harness.model.dataset import DatasetList, Listed
from scicat_harness.model.identity import ANONYMOUS, Identity
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, Ownership, UpdateRequest
from scicat_harness.scenarios.journeys.archive_system import ArchiveSystem

pytestmark = pytest.mark.at_once

USER1, USER1B, USER2 = (SITE.identity(name) for name in ("user1", "user1b", "user2"))
OWN = DatasetList("own", (Listed("own"),))
SHARED = DatasetList("shared", (Listed("shared"),))
PUBLISHED = DatasetList("published", (Listed("published", ("run/f.h5",)),))
GROUP1 = Ownership("group1", group="group1")
BY_USER1 = Pinned(
    201,
    owner_user="user1",
    owner_group="group1",
    contact_email="user1@facility.example",
    effects=("amqp", "amqp", "email"),
    written=True,
)
READ = "members of the owner group read a job, others do not (documentation: jobs)"
MAILED = Pinned(200, effects=("email",), written=True)
BOTH = pytest.mark.parametrize("api", [Api.V4, Api.V3])


def must_show(trial: Trial, who: Identity, created: Outcome, status: str) -> None:
    """Whoever reads the job is shown this status."""
    trial.get(who, created.job).must_answer(
        200, holds({"statusCode": status}), because="users read their jobs (documentation: jobs)"
    )


@BOTH
def test_archive(api: Api, trial: Trial) -> None:
    """Submitted, in progress, finished: a message for the archive, three mails for the user."""
    archive = ArchiveSystem(trial, api)
    created = trial.send(USER1, CreateRequest("lives.archive", OWN, GROUP1, api))
    created.must_be(BY_USER1)
    notice = archive.notice(created)
    listed = [{"pid": trial.pid("own"), "files": []}]
    must_equal(value_at(notice, "id"), created.job_id, "the id in the message")
    must_equal(value_at(notice, "statusCode"), "jobSubmitted", "the status in the message")
    must_equal(value_at(notice, "jobParams.datasetList"), listed, "the list in the message")
    archive.starts(created).must_be(MAILED)
    archive.finishes(created).must_be(MAILED)
    must_show(trial, USER1, created, "finishedSuccessful")


@BOTH
def test_archive_that_fails(api: Api, trial: Trial) -> None:
    """The last mail reports the failure."""
    archive = ArchiveSystem(trial, api)
    created = trial.send(USER1, CreateRequest("lives.archive", OWN, GROUP1, api))
    created.must_be(BY_USER1)
    must_equal(value_at(archive.notice(created), "type"), "lives.archive", "the type")
    archive.starts(created).must_be(MAILED)
    archive.fails(created).must_be(MAILED)
    must_show(trial, USER1, created, "finishedUnsuccessful")


def test_archive_told_by_a_call(trial: Trial) -> None:
    """The archive system has an address instead of a queue."""
    archive = ArchiveSystem(trial)
    created = trial.send(USER1, CreateRequest("lives.by-url", OWN, GROUP1))
    created.must_be(
        Pinned(
            201,
            owner_user="user1",
            owner_group="group1",
            contact_email="user1@facility.example",
            effects=("url", "email"),
            written=True,
        )
    )
    must_equal(archive.call(created), f"POST /archive/{created.exchange.correlation}", "the call")
    archive.starts(created).must_be(MAILED)
    archive.finishes(created).must_be(MAILED)


def test_retrieve_by_a_member_of_an_access_group(trial: Trial) -> None:
    """Whoever the data is shared with may have it retrieved, for their own group."""
    archive = ArchiveSystem(trial)
    group2 = Ownership("group2", group="group2", email="box@elsewhere.example")
    created = trial.send(USER2, CreateRequest("lives.retrieve", SHARED, group2))
    created.must_be(
        Pinned(
            201,
            owner_user="user2",
            owner_group="group2",
            contact_email="box@elsewhere.example",
            effects=("amqp", "amqp", "email"),
            written=True,
        )
    )
    must_equal(value_at(archive.notice(created), "ownerGroup"), "group2", "the ownerGroup")
    archive.starts(created).must_be(MAILED)
    archive.finishes(created).must_be(MAILED)


@BOTH
def test_public_by_anonymous(api: Api, trial: Trial) -> None:
    """Published data is for everybody; mails go to the address that anonymous gave."""
    archive = ArchiveSystem(trial, api)
    visitor = Ownership("visitor", email="visitor@elsewhere.example")
    created = trial.send(ANONYMOUS, CreateRequest("lives.public", PUBLISHED, visitor, api))
    created.must_be(
        Pinned(
            201,
            contact_email="visitor@elsewhere.example",
            effects=("amqp", "amqp", "email"),
            written=True,
        )
    )
    must_equal(value_at(archive.notice(created), "createdBy"), "anonymous", "the creator")
    archive.starts(created).must_be(MAILED)
    archive.finishes(created).must_be(MAILED)


def test_the_owner_cannot_tell_of_progress(trial: Trial) -> None:
    """Only the archive system may; an attempt of the owner has no effect."""
    archive = ArchiveSystem(trial)
    created = trial.send(USER1, CreateRequest("lives.archive", OWN, GROUP1))
    created.must_be(BY_USER1)
    owned = JobOwnership("of-the-journey", "user1", "group1")
    lie = UpdateRequest("lives.archive", owned, status="finishedSuccessful")
    trial.update(USER1, lie, of=created).must_be(Pinned(403, effects=(), written=False))
    archive.finishes(created).must_be(MAILED)


def test_three_users_at_once(trial: Trial) -> None:
    """Their jobs and mails do not mix, in whichever order the archive system works."""
    archive = ArchiveSystem(trial)
    group2 = Ownership("group2", group="group2")
    first = trial.send(USER1, CreateRequest("lives.archive", OWN, GROUP1))
    first.must_be(BY_USER1)
    second = trial.send(USER2, CreateRequest("lives.retrieve", SHARED, group2))
    second.must_be(
        Pinned(
            201,
            owner_user="user2",
            owner_group="group2",
            contact_email="user2@facility.example",
            effects=("amqp", "amqp", "email"),
        )
    )
    third = trial.send(USER1B, CreateRequest("lives.archive", OWN, GROUP1))
    third.must_be(
        Pinned(
            201,
            owner_user="user1b",
            owner_group="group1",
            contact_email="user1b@facility.example",
            effects=("amqp", "amqp", "email"),
        )
    )
    archive.starts(third).must_be(MAILED)
    archive.starts(first).must_be(MAILED)
    archive.fails(third).must_be(MAILED)
    archive.starts(second).must_be(MAILED)
    archive.finishes(first).must_be(MAILED)
    archive.finishes(second).must_be(MAILED)
    must_show(trial, USER1, first, "finishedSuccessful")
    must_show(trial, USER2, second, "finishedSuccessful")
    must_show(trial, USER1B, third, "finishedUnsuccessful")
    trial.get(USER2, first.job).must_answer(403, because=READ)
    trial.get(USER1B, first.job).must_answer(200, because=READ)
