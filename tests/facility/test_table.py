"""The table of a configuration, against what people read off it, written by hand."""

from __future__ import annotations

import pytest

from scicat_harness.facility.site import FacilityAccount, FacilityEnvironment, facility_site
from scicat_harness.facility.table import Table, tables
from scicat_harness.facility.tablechanges import changes
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.model.request import Operation
from scicat_harness.oracle.rule import View

ENV = {"ADMIN_GROUPS": "operators", "DELETE_JOB_GROUPS": "cleaners, stewards"}
TYPES = (
    JobType("archive", "#datasetOwner", "archiveManager"),
    JobType("retrieve", "#datasetAccess", "@archivers"),
    JobType("public", "#datasetPublic", "#jobOwnerUser"),
    JobType("open", "#all", "#all"),
)
ACCOUNTS = (FacilityAccount("archiveManager", ("archivers",)),)


def found(*types: JobType, release: Release = CURRENT) -> dict[Operation, Table]:
    site = facility_site("v1", types, FacilityEnvironment(ENV, ACCOUNTS, JANITOR), ())
    made = tables(site, View(release), without=(JANITOR.name,))
    return {each.operation: each for each in made}


CELLS: dict[tuple[Operation, str, str], str] = {
    (Operation.CREATE, "harness-owner", "archive"): "own",
    (Operation.CREATE, "harness-sharer", "archive"): "no",
    (Operation.CREATE, "harness-admin", "archive"): "yes",
    (Operation.CREATE, "harness-sharer", "retrieve"): "shared, published",
    (Operation.CREATE, "harness-stranger", "retrieve"): "published",
    (Operation.CREATE, "harness-stranger", "public"): "published",
    (Operation.CREATE, "anonymous", "public"): "published",
    (Operation.CREATE, "anonymous", "archive"): "no",
    (Operation.CREATE, "anonymous", "open"): "yes",
    (Operation.UPDATE, "archiveManager", "archive"): "yes",
    (Operation.UPDATE, "archiveManager", "retrieve"): "yes",
    (Operation.UPDATE, "harness-of-archivers", "archive"): "no",
    (Operation.UPDATE, "harness-of-archivers", "retrieve"): "yes",
    (Operation.UPDATE, "harness-owner", "public"): "of the owner",
    (Operation.UPDATE, "harness-stranger", "public"): "of their own",
    (Operation.UPDATE, "anonymous", "open"): "of nobody",
    (Operation.READ, "harness-owner", "archive"): "of the owner",
    (Operation.READ, "harness-admin", "archive"): "yes",
    (Operation.READ, "anonymous", "open"): "no",
    (Operation.DELETE, "harness-admin", "open"): "no",
    (Operation.DELETE, "harness-delete-group", "open"): "yes",
}


@pytest.mark.parametrize(("at", "words"), CELLS.items(), ids=["-".join(each) for each in CELLS])
def test_a_cell(at: tuple[Operation, str, str], words: str) -> None:
    operation, caller, job_type = at
    assert found(*TYPES)[operation].cells[caller, job_type].words == words


def test_a_refusal_names_its_rule() -> None:
    cell = found(*TYPES)[Operation.CREATE].cells["harness-stranger", "archive"]
    assert cell.refusal.startswith("create.")


def test_neither_janitor_nor_sentinel_shows() -> None:
    table = found(*TYPES)[Operation.CREATE]
    assert table.job_types == ("archive", "retrieve", "public", "open")
    assert JANITOR.name not in [each.name for each in table.callers]


def test_what_another_configuration_changes() -> None:
    before = found(JobType("public", "#datasetPublic", "#jobAdmin"))
    after = found(JobType("public", "#all", "#jobAdmin"))
    people = "anonymous, harness-owner, harness-sharer, harness-stranger, archiveManager, "
    people += "harness-delete-group"
    assert changed(before, after) == [f"! create public: published -> yes, as {people}"]
    assert changed(after, before) == [f"create public: yes -> published, as {people}"]
    assert changed(before, before) == []


def test_what_became_more_permissive_comes_first() -> None:
    before = found(JobType("a", "#all", "#jobAdmin"), JobType("b", "#datasetPublic", "#jobAdmin"))
    after = found(JobType("a", "#datasetPublic", "#all"), JobType("b", "#all", "#jobAdmin"))
    lines = changed(before, after)
    assert [each.startswith("! ") for each in lines] == sorted(
        (each.startswith("! ") for each in lines), reverse=True
    )
    assert {each.split(":")[0] for each in lines} == {"create a", "! create b", "! update a"}


def test_a_job_type_on_one_side_is_one_line() -> None:
    before = found(JobType("old", "#all", "#all"))
    after = found(JobType("new", "#all", "#jobAdmin"), JobType("closed", None, "@group5"))
    admin = "harness-admin"
    lines = changed(before, after)
    assert lines[0].startswith("+ job type new: created by ")
    assert lines[0].endswith(f"; updated by {admin}")
    assert lines[1].startswith(f"+ job type closed: created by {admin}; updated by {admin}, ")
    assert lines[2] == "- job type old"
    assert all(each.startswith("+ caller ") for each in lines[3:])


def changed(before: dict[Operation, Table], after: dict[Operation, Table]) -> list[str]:
    return changes(list(before.values()), list(after.values()))


def test_what_another_release_changes() -> None:
    old = found(*TYPES, release=Release(4, 25, 1))
    told = list(changes(list(old.values()), list(found(*TYPES).values())))
    assert told


def test_every_account_is_in_the_groups_of_the_environment() -> None:
    env = {**ENV, "ACCESS_GROUPS_STATIC_VALUES": "ess, swap"}
    accounts = (FacilityAccount("plain", ("group1",)),)
    site = facility_site(
        "v1", (JobType("t", "@ess", "@swap"),), FacilityEnvironment(env, accounts, JANITOR), ()
    )
    create, update, *_ = tables(site, View(CURRENT))
    for table in (create, update):
        assert table.cells["plain", "t"].words == "yes"
        assert table.cells["anonymous", "t"].words == "no"
    without = {**env, "ACCESS_GROUPS_STATIC_ENABLED": "false"}
    site = facility_site(
        "v1", (JobType("t", "@ess", "@swap"),), FacilityEnvironment(without, accounts, JANITOR), ()
    )
    assert tables(site, View(CURRENT))[0].cells["plain", "t"].words == "no"
