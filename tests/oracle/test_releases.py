"""What changed between releases, as literal rows (domain knowledge, not the oracle's own)."""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.model.dataset import DatasetList, Listed, ListShape
from scicat_harness.model.identity import Identity, Roles
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.outcome import Decision
from scicat_harness.model.release import Release
from scicat_harness.model.request import CreateRequest, JobOwnership, Ownership, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.predict import Oracle, Prediction
from scicat_harness.oracle.rule import Reading, View

OLD, NEW = Release(5, 1, 1), Release(5, 2, 0)
GROUP1 = Ownership(group="group1")
MAIL = Ownership(email="contact@elsewhere.example")


def on(*aliases: str) -> DatasetList:
    """A list of these datasets."""
    return DatasetList("+".join(aliases), tuple(Listed(alias) for alias in aliases))


def shaped(shape: ListShape) -> DatasetList:
    """A malformed list."""
    return DatasetList(shape, shape=shape)


def create(release: Release, who: str, request: CreateRequest) -> Prediction:
    """The observed reading on the union site."""
    return Oracle(SITE, View(release)).create(SITE.identity(who), request)


FILE = DatasetList("file", (Listed("own", ("run/nowhere.h5",)),))
STATUSES = {
    "not-a-list": ("user1", "all_access", shaped(ListShape.TEXT), GROUP1, 400, 422),
    "empty-list": ("user1", "all_access", DatasetList("empty"), GROUP1, 400, 422),
    "item-without-pid": (
        "user1",
        "all_access",
        shaped(ListShape.ITEM_WITHOUT_PID),
        GROUP1,
        400,
        422,
    ),
    "unknown-pid": ("user1", "all_access", on("never-made"), GROUP1, 400, 422),
    "missing-file": ("user1", "all_access", FILE, GROUP1, 400, 422),
    "no-list": ("user1", "owner_access", shaped(ListShape.ABSENT), GROUP1, 400, 422),
    "no-contact": ("operator", "all_access", on("own"), Ownership(), 400, 422),
    "no-owner-group": ("user1", "all_access", on("own"), Ownership(), 400, 403),
    "another-owner": (
        "user2",
        "all_access",
        on("own"),
        Ownership(user="user1", group="group2"),
        400,
        403,
    ),
    "foreign-group": ("user1", "all_access", on("own"), Ownership(group="group2"), 400, 403),
    "anonymous-with-group": ("anonymous", "all_access", on("own"), GROUP1, 400, 403),
    "anonymous-owner": ("anonymous", "owner_access", on("own"), Ownership(), 401, 401),
    "no-access": ("outsider", "dataset_access", on("own"), Ownership(group="group9"), 403, 403),
    "unknown-type": ("user1", "no_such_type", on("own"), GROUP1, 400, 400),
    "repeated": ("user1", "all_access", on("own", "own"), GROUP1, 404, 404),
    "repeated-owned": ("user1", "owner_access", on("own", "own"), GROUP1, 403, 403),
    "allowed": ("user1", "owner_access", on("own"), GROUP1, 201, 201),
}


@pytest.mark.parametrize("row", STATUSES.values(), ids=STATUSES)
def test_statuses_of_create(
    row: tuple[str, str, DatasetList, Ownership, int, int],
) -> None:
    who, job_type, listed, ownership, before, since = row
    request = CreateRequest(job_type, listed, ownership)
    assert create(OLD, who, request).reply.status == before
    assert create(NEW, who, request).reply.status == since


@pytest.mark.parametrize(("release", "ending"), [(OLD, ""), (NEW, ".")], ids=["before", "since"])
def test_the_text_for_no_list_lost_or_won_its_dot(release: Release, ending: str) -> None:
    request = CreateRequest("all_access", shaped(ListShape.TEXT), GROUP1)
    reply = create(release, "user1", request).reply
    assert reply.matches(f"Invalid dataset list{ending}")


@pytest.mark.parametrize(
    "shape", [ListShape.ITEM_EMPTY_PID, ListShape.ITEM_FILE_NUMBER], ids=lambda each: str(each)
)
def test_values_in_items_were_not_looked_at_before(shape: ListShape) -> None:
    request = CreateRequest("all_access", shaped(shape), GROUP1)
    assert create(NEW, "user1", request).deciding == "create.list.malformed-value"
    assert create(OLD, "user1", request).deciding != "create.list.malformed-value"


def test_an_expired_token_made_its_holder_anonymous_before() -> None:
    request = CreateRequest("all_access", on("own"))
    assert create(OLD, "latecomer", request).reply.status == 201
    assert create(NEW, "latecomer", request).reply.status == 401
    assert create(NEW, "latecomer", request).reply.matches("SESSION_EXPIRED")


def test_admins_had_to_list_datasets_before() -> None:
    request = CreateRequest("owner_access", shaped(ListShape.ABSENT), GROUP1)
    assert create(OLD, "operator", request).reply.status == 400
    assert create(NEW, "operator", request).reply.status == 201


def test_the_owner_group_was_considered_before() -> None:
    asked = Ownership(group="group3")
    request = CreateRequest("owner_access", on("own"), asked)
    assert create(OLD, "user3", request).decision is Decision.DENY
    assert create(NEW, "user3", request).decision is Decision.ALLOW


def test_a_create_privileged_owner_was_held_against_the_owner_group_before() -> None:
    request = CreateRequest("owner_access", on("own"), GROUP1)
    assert create(OLD, "creator", request).decision is Decision.ALLOW
    assert create(NEW, "creator", request).deciding == "create.datasets.owner-without-groups"


def test_a_create_privileged_user_without_owner_was_unauthenticated_before() -> None:
    request = CreateRequest("owner_access", on("own"), MAIL)
    assert create(OLD, "creator", request).reply.status == 401
    assert create(NEW, "creator", request).reply.status == 403


LISTS = Roles(
    admin=("admins", "operators"),
    create_privileged=("ingestors", "creators"),
    update_privileged=("archivers",),
    delete_jobs=("cleaners",),
)
PART = Identity("part", ("ingest", "archive", "clean"))
PART_SITE = Site(
    "part", LISTS, {"part": PART}, job_types={"t": JobType("t", "#jobAdmin", "#jobAdmin")}
)


def test_group_lists_were_searched_for_parts_of_words_before() -> None:
    old, new = (Oracle(PART_SITE, View(release)) for release in (OLD, NEW))
    request = CreateRequest("t", ownership=MAIL)
    assert old.create(PART, request).decision is Decision.ALLOW
    assert new.create(PART, request).decision is Decision.DENY
    job = JobOwnership("anybodys", "somebody", "somegroup")
    assert old.delete(PART, "t", job).decision is Decision.ALLOW
    assert new.delete(PART, "t", job).decision is Decision.DENY
    assert old.read(PART, "t", job).decision is Decision.ALLOW
    assert new.read(PART, "t", job).decision is Decision.DENY


def test_update_privileged_by_part_of_a_word_before() -> None:
    who = Identity("part", ("archive",))
    request = UpdateRequest("t", JobOwnership("anybodys"))
    assert Oracle(PART_SITE, View(OLD)).update(who, request).decision is Decision.ALLOW
    assert Oracle(PART_SITE, View(NEW)).update(who, request).decision is Decision.DENY


def test_the_list_of_admins_was_always_split() -> None:
    who = Identity("part", ("admin",))
    for release in (OLD, NEW):
        found = Oracle(PART_SITE, View(release)).create(who, CreateRequest("t", ownership=MAIL))
        assert found.decision is Decision.DENY


def test_the_documentation_promises_the_same_whoever_may_do_what_for_both() -> None:
    request = CreateRequest("owner_access", on("own"), Ownership(group="group3"))
    documented = [
        Oracle(SITE, View(release, Reading.DOCUMENTED)).create(SITE.identity("user3"), request)
        for release in (OLD, NEW)
    ]
    assert [each.decision for each in documented] == [Decision.DENY, Decision.DENY]
