"""Hand-written rows: literal outcomes that pin the oracle and the backend alike.

Sources: specification: create.authorization; observed v4.20.2 to v5.2.1. Every row states what the
matrices let the oracle state, so that a wrong rule cannot hide behind itself.
"""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.pinned import Pinned, since_v5_2
from scicat_harness.judge.trial import Trial
from scicat_harness.model.dataset import DatasetList, Listed
from scicat_harness.model.release import (
    ADMIN_GROUPS_HONOURED,
    DATASETS_LOADED,
    FILES_OF_DATASET,
    ONE_ABILITY,
    REWRITTEN_CREATE,
    ByRelease,
    Release,
)
from scicat_harness.model.request import Api, CreateRequest, Ownership

NOTHING = Ownership()
GROUP1 = Ownership(group="group1")
GROUP2 = Ownership(group="group2")
FOR_USER1 = Ownership(user="user1", group="group1")
MAIL1 = "user1@facility.example"
OF_GROUP7 = Pinned(201, None, "group7", "ingestor1@facility.example")


def changed(at: Release, before: Pinned, since: Pinned) -> ByRelease[Pinned]:
    """An outcome that changed at a release."""
    return ByRelease(before, ((at, since),))


def on(*aliases: str) -> DatasetList:
    """A list of these datasets."""
    return DatasetList("+".join(aliases), tuple(Listed(alias) for alias in aliases))


ROWS = {
    "owner-of-all-datasets": (
        "user1",
        CreateRequest("owner_access", on("own", "own2"), GROUP1),
        Pinned(201, "user1", "group1", MAIL1),
    ),
    "owner-of-one-of-two": (
        "user1",
        CreateRequest("owner_access", on("own", "foreign"), GROUP1),
        Pinned(403),
    ),
    "owner-by-two-groups": (
        "user3",
        CreateRequest("owner_access", on("own", "third"), GROUP1),
        Pinned(since_v5_2(201, before=403), "user3", "group1", "user3@facility.example"),
    ),
    "access-group-is-no-owner": (
        "user2",
        CreateRequest("owner_access", on("shared"), GROUP2),
        Pinned(403),
    ),
    "published-is-no-ownership": (
        "user1",
        CreateRequest("owner_access", on("published"), GROUP1),
        Pinned(403),
    ),
    "access-group-has-access": (
        "user2",
        CreateRequest("dataset_access", on("shared"), GROUP2),
        Pinned(201, "user2", "group2", "user2@facility.example"),
    ),
    "stranger-has-access-to-published": (
        "outsider",
        CreateRequest("dataset_access", on("published"), Ownership(group="group9")),
        Pinned(201, "outsider", "group9", "outsider@facility.example"),
    ),
    "anonymous-on-published": (
        "anonymous",
        CreateRequest("public_access", on("published"), NOTHING),
        Pinned(201, None, None, ""),
    ),
    "anonymous-on-unpublished": (
        "anonymous",
        CreateRequest("public_access", on("own"), NOTHING),
        Pinned(403),
    ),
    "anonymous-where-login-is-needed": (
        "anonymous",
        CreateRequest("authenticated_access", on("published"), NOTHING),
        Pinned(403),
    ),
    "anonymous-owner-of-nothing": (
        "anonymous",
        CreateRequest("owner_access", on("published"), NOTHING),
        Pinned(401),
    ),
    "anonymous-names-an-owner-user": (
        "anonymous",
        CreateRequest("all_access", ownership=Ownership(user="user1")),
        Pinned(201, None, None, ""),
    ),
    "anonymous-names-an-owner-group": (
        "anonymous",
        CreateRequest("all_access", ownership=GROUP1),
        Pinned(since_v5_2(403, before=400)),
    ),
    "no-owner-group": ("user1", CreateRequest("all_access"), Pinned(since_v5_2(403, before=400))),
    "foreign-owner-group": (
        "user1",
        CreateRequest("all_access", ownership=GROUP2),
        Pinned(since_v5_2(403, before=400)),
    ),
    "another-owner-user": (
        "user2",
        CreateRequest("all_access", ownership=Ownership(user="user1", group="group2")),
        Pinned(since_v5_2(403, before=400)),
    ),
    "member-of-the-named-group": (
        "user5",
        CreateRequest("group_access", ownership=Ownership(group="group5")),
        Pinned(201, "user5", "group5", "user5@facility.example"),
    ),
    "stranger-to-the-named-group": (
        "user1",
        CreateRequest("group_access", ownership=GROUP1),
        Pinned(403),
    ),
    "the-named-user": (
        "user5",
        CreateRequest("user_access", ownership=Ownership(group="group5")),
        Pinned(201, "user5", "group5", "user5@facility.example"),
    ),
    "group-without-at-is-nobody": (
        "user5",
        CreateRequest("bare_group_access", ownership=Ownership(group="group5")),
        Pinned(403),
    ),
    "called-admin-is-no-admin": (
        "admin",
        CreateRequest("admin_access", ownership=Ownership(group="admin")),
        Pinned(403),
    ),
    "admin-for-another-user": (
        "operator",
        CreateRequest("admin_access", on("foreign"), FOR_USER1),
        Pinned(201, "user1", "group1", MAIL1),
    ),
    "admin-for-an-unknown-user": (
        "operator",
        CreateRequest("all_access", ownership=Ownership(user="nobody-of-that-name")),
        Pinned(201, "operator", None, "operator@facility.example"),
    ),
    "admin-for-nobody": (
        "operator",
        CreateRequest("all_access"),
        Pinned(since_v5_2(422, before=400)),
    ),
    "create-privileged-for-another-user": (
        "creator",
        CreateRequest("owner_access", on("own"), FOR_USER1),
        Pinned(201, "user1", "group1", MAIL1),
    ),
    "create-privileged-without-auth": (
        "creator",
        CreateRequest("absent_access", ownership=Ownership(email="c@elsewhere.example")),
        Pinned(201, None, None, "c@elsewhere.example"),
    ),
    "plain-user-without-auth": (
        "user1",
        CreateRequest("absent_access", ownership=GROUP1),
        Pinned(403),
    ),
    "update-privileged-may-not-create": (
        "updater",
        CreateRequest("all_access", ownership=Ownership(group="job-updaters")),
        Pinned(403),
    ),
    "dataset-auth-without-list": (
        "user1",
        CreateRequest("owner_access", ownership=GROUP1),
        Pinned(since_v5_2(422, before=400)),
    ),
    "empty-list": (
        "user1",
        CreateRequest("all_access", DatasetList("empty"), GROUP1),
        Pinned(since_v5_2(422, before=400)),
    ),
    "missing-dataset": (
        "user1",
        CreateRequest("all_access", on("never-made"), GROUP1),
        Pinned(since_v5_2(422, before=400)),
    ),
    "repeated-dataset": (
        "user1",
        CreateRequest("all_access", on("own", "own"), GROUP1),
        changed(DATASETS_LOADED, Pinned(201, "user1", "group1", MAIL1), Pinned(404)),
    ),
    "existing-file": (
        "user1",
        CreateRequest("all_access", DatasetList("file", (Listed("own", ("run/a.h5",)),)), GROUP1),
        Pinned(201, "user1", "group1", MAIL1),
    ),
    "missing-file": (
        "user1",
        CreateRequest("all_access", DatasetList("file", (Listed("own", ("run/z.h5",)),)), GROUP1),
        Pinned(since_v5_2(422, before=400)),
    ),
    "file-of-another-listed-dataset": (
        "user1",
        CreateRequest(
            "all_access",
            DatasetList("file", (Listed("own", ("run/c.h5",)), Listed("own2"))),
            GROUP1,
        ),
        changed(
            FILES_OF_DATASET,
            Pinned(201, "user1", "group1", MAIL1),
            Pinned(since_v5_2(422, before=400)),
        ),
    ),
    "unknown-type": ("user1", CreateRequest("no_such_type", ownership=GROUP1), Pinned(400)),
    "v3-owner": (
        "user1",
        CreateRequest("owner_access", on("own"), NOTHING, Api.V3),
        Pinned(201, "user1", "group1", MAIL1),
    ),
    "v3-group-of-the-dataset-and-not-of-the-user": (
        "user3",
        # The groups of a token are sorted, so that the first one is group1.
        CreateRequest("dataset_access", on("third"), NOTHING, Api.V3),
        Pinned(201, "user3", "group3", "user3@facility.example"),
    ),
    "v3-published-without-owner-group": (
        "user1",
        CreateRequest("public_access", on("published"), NOTHING, Api.V3),
        Pinned(since_v5_2(403, before=400)),
    ),
    "v3-anonymous-on-published": (
        "anonymous",
        CreateRequest("public_access", on("published"), NOTHING, Api.V3),
        Pinned(201),
    ),
    "admin-in-a-group-of-the-update-list": (
        "operator-updater",
        CreateRequest("all_access", ownership=GROUP1),
        changed(
            ONE_ABILITY,
            Pinned(201, None, "group1", "operator-updater@facility.example"),
            Pinned(403),
        ),
    ),
    "create-privileged-for-the-group-of-the-dataset": (
        "ingestor1",
        CreateRequest("owner_access", on("foreign"), Ownership(group="group7")),
        ByRelease(OF_GROUP7, ((REWRITTEN_CREATE, Pinned(403)), (ONE_ABILITY, OF_GROUP7))),
    ),
    "a-type-called-constructor": (
        "user1",
        CreateRequest("constructor", ownership=GROUP1),
        changed(ONE_ABILITY, Pinned(500), Pinned(403)),
    ),
    "v3-admin-for-another-user": (
        "operator",
        CreateRequest("owner_access", on("foreign"), FOR_USER1, Api.V3),
        changed(
            ADMIN_GROUPS_HONOURED,
            Pinned(403),
            Pinned(201, "user1", "group1", "operator@facility.example"),
        ),
    ),
}


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])
def test_create(row: tuple[str, CreateRequest, Pinned | ByRelease[Pinned]], trial: Trial) -> None:
    """A literal outcome."""
    name, request, pinned = row
    outcome = trial.submit(SITE.identity(name), request)
    outcome.must_be(pinned.at(trial.release) if isinstance(pinned, ByRelease) else pinned)
