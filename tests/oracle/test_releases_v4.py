"""What changed between releases of v4, as literal rows (domain knowledge, not the oracle's own)."""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.site import SITE, satellite_sites
from scicat_harness.model.dataset import DatasetList, Listed
from scicat_harness.model.outcome import Decision
from scicat_harness.model.release import Release
from scicat_harness.model.request import Api, CreateRequest, Ownership
from scicat_harness.model.site import Site
from scicat_harness.oracle.predict import Oracle, Prediction
from scicat_harness.oracle.rule import Reading, View

NOTHING = Ownership()
GROUP1 = Ownership(group="group1")
GROUP2 = Ownership(group="group2")


def on(*aliases: str) -> DatasetList:
    """A list of these datasets."""
    return DatasetList("+".join(aliases), tuple(Listed(alias) for alias in aliases))


OTHERS_FILE = DatasetList("file", (Listed("own", ("run/c.h5",)),))
NO_FILE = DatasetList("file", (Listed("own", ("run/nowhere.h5",)),))

ROWS = {
    "file-of-another-dataset": (
        "user1",
        CreateRequest("all_access", OTHERS_FILE, GROUP1),
        (Release(4, 23, 0), 201),
        (Release(4, 24, 0), 400),
    ),
    "file-of-no-dataset": (
        "user1",
        CreateRequest("all_access", NO_FILE, GROUP1),
        (Release(4, 23, 0), 400),
        (Release(4, 24, 0), 400),
    ),
    "repeated-dataset": (
        "user1",
        CreateRequest("all_access", on("own", "own"), GROUP1),
        (Release(4, 24, 0), 201),
        (Release(4, 25, 0), 404),
    ),
    "admin-on-foreign-dataset": (
        "operator",
        CreateRequest("owner_access", on("foreign"), GROUP1),
        (Release(4, 24, 0), 403),
        (Release(4, 25, 0), 201),
    ),
    "admin-on-covered-dataset": (
        "operator",
        CreateRequest("owner_access", on("own"), GROUP1),
        (Release(4, 24, 0), 201),
        (Release(4, 25, 0), 201),
    ),
    "admin-whose-group-is-called-admin": (
        "janitor",
        CreateRequest("owner_access", on("foreign"), GROUP1),
        (Release(4, 24, 0), 201),
        (Release(4, 25, 0), 201),
    ),
    "called-admin-only": (
        "admin",
        CreateRequest("owner_access", on("foreign"), Ownership(group="admin")),
        (Release(4, 24, 0), 403),
        (Release(4, 25, 0), 403),
    ),
    "v3-published-for-access": (
        "user2",
        CreateRequest("dataset_access", on("published"), NOTHING, Api.V3),
        (Release(4, 26, 0), 400),
        (Release(4, 27, 0), 201),
    ),
    "v3-shared-for-access": (
        "user2",
        CreateRequest("dataset_access", on("shared"), NOTHING, Api.V3),
        (Release(4, 26, 0), 201),
        (Release(4, 27, 0), 201),
    ),
}


def create(site: Site, release: Release, who: str, request: CreateRequest) -> Prediction:
    """The observed reading."""
    return Oracle(site, View(release)).create(SITE.identity(who), request)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_statuses_of_create(
    row: tuple[str, CreateRequest, tuple[Release, int], tuple[Release, int]],
) -> None:
    who, request, *statuses = row
    for release, status in statuses:
        assert create(SITE, release, who, request).reply.status == status, release


def test_a_type_for_public_datasets_did_not_open_the_endpoint_before() -> None:
    site = satellite_sites()["public-only"]
    request = CreateRequest("public_access", on("published"), NOTHING)
    before = create(site, Release(4, 26, 0), "anonymous", request)
    assert before.decision is Decision.DENY
    assert before.reply.matches("Forbidden resource")
    assert create(site, Release(4, 27, 0), "anonymous", request).decision is Decision.ALLOW


def test_beside_a_type_for_all_it_was_open_always() -> None:
    request = CreateRequest("public_access", on("published"), NOTHING)
    assert create(SITE, Release(4, 26, 0), "anonymous", request).decision is Decision.ALLOW


def test_v3_held_an_unknown_type_for_a_defective_body_before() -> None:
    request = CreateRequest("no_such_type", on("own"), GROUP1, Api.V3)
    before = create(SITE, Release(4, 23, 0), "user1", request)
    assert before.reply.matches("property datasetList should not exist")
    since = create(SITE, Release(4, 24, 0), "user1", request)
    assert since.reply.matches("Invalid job type: no_such_type")
    assert before.reply.status == since.reply.status == 400


def test_v4_knew_an_unknown_type_always() -> None:
    request = CreateRequest("no_such_type", on("own"), GROUP1)
    assert create(SITE, Release(4, 23, 0), "user1", request).reply.matches("Invalid job type: x")


def test_the_documentation_promised_all_of_it_then_as_now() -> None:
    documented = Oracle(SITE, View(Release(4, 20, 2), Reading.DOCUMENTED))
    foreign = CreateRequest("owner_access", on("foreign"), GROUP1)
    assert documented.create(SITE.identity("operator"), foreign).decision is Decision.ALLOW
    file = CreateRequest("all_access", OTHERS_FILE, GROUP1)
    assert documented.create(SITE.identity("user1"), file).decision is Decision.INVALID
