"""Hand-written rows for update, read and delete: literal statuses that pin the oracle.

Source: documentation authorization_jobs.md; observed on v4.20.2 to v5.2.1.
"""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.site import SITE, type_name
from scicat_harness.judge.pinned import Pinned
from scicat_harness.judge.trial import Trial
from scicat_harness.model.release import ONE_ABILITY, ByRelease
from scicat_harness.model.request import Api, JobOwnership, UpdateRequest

OWNED = JobOwnership("user1-and-group1", "user1", "group1")
NOBODYS = JobOwnership("nobodys")

UPDATES = {
    "owner-user": ("user1", "owner_user_update", OWNED, 200),
    "second-user-of-owner-group": ("user1b", "owner_user_update", OWNED, 403),
    "owner-group-member": ("user1b", "owner_group_update", OWNED, 200),
    "owner-group-by-prefix-or-case": ("lookalike", "owner_group_update", OWNED, 403),
    "stranger-where-all-may": ("outsider", "all_update", OWNED, 200),
    "anonymous-on-a-job-of-nobody": ("anonymous", "all_update", NOBODYS, 200),
    "anonymous-on-an-owned-job": ("anonymous", "all_update", OWNED, 403),
    "anonymous-on-a-job-of-nobody-without-all": ("anonymous", "owner_user_update", NOBODYS, 403),
    "member-of-the-named-group": ("user5", "group_update", OWNED, 200),
    "owner-outside-the-named-group": ("user1", "group_update", OWNED, 403),
    "the-named-user": ("user5", "user_update", OWNED, 200),
    "group-without-at-is-nobody": ("user5", "bare_group_update", OWNED, 403),
    "create-only-value": ("user1", "unknown_update", OWNED, 403),
    "owner-without-auth": ("user1", "absent_update", OWNED, 403),
    "owner-where-admins-only": ("user1", "admin_update", OWNED, 403),
    "update-privileged": ("updater", "admin_update", OWNED, 200),
    "admin": ("operator", "absent_update", OWNED, 200),
    "create-privileged-may-not-update": ("creator", "all_update", OWNED, 403),
    "both-privileges-may-not-update": ("both", "all_update", OWNED, 403),
    "admin-in-a-group-of-the-create-list": (
        "operator-creator",
        "all_update",
        OWNED,
        ByRelease(200, ((ONE_ABILITY, 403),)),
    ),
}

READS = {
    "owner-user": ("user1", OWNED, 200),
    "owner-group-member": ("user1b", OWNED, 200),
    "stranger": ("outsider", OWNED, 403),
    "anonymous": ("anonymous", NOBODYS, 403),
    "create-privileged": ("creator", OWNED, 200),
    "update-privileged": ("updater", OWNED, 200),
    "user-whose-name-is-the-group": (
        "user1",
        JobOwnership("group-called-user1", None, "user1"),
        403,
    ),
    "unknown-id": ("user1", None, 400),
}

DELETES = {
    "owner": ("user1", OWNED, 403),
    "admin": ("operator", OWNED, 403),
    "deleter": ("cleaner", OWNED, 200),
    "admin-and-deleter": ("superoperator", NOBODYS, 200),
    "deleter-of-an-unknown-id": ("cleaner", None, 400),
    "stranger-and-an-unknown-id": ("outsider", None, 403),
}


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in UPDATES.items()])
def test_update(row: tuple[str, str, JobOwnership, int | ByRelease[int]], trial: Trial) -> None:
    """PATCH."""
    name, update, job, status = row
    request = UpdateRequest(type_name("all_access", update), job)
    outcome = trial.update(SITE.identity(name), request)
    outcome.must_be(Pinned(status))


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in READS.items()])
def test_read(row: tuple[str, JobOwnership | None, int], trial: Trial) -> None:
    """GET one job."""
    name, job, status = row
    outcome = trial.read(SITE.identity(name), type_name("all_access", "all_update"), job, Api.V4)
    outcome.must_be(Pinned(status))


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in DELETES.items()])
def test_delete(row: tuple[str, JobOwnership | None, int], trial: Trial) -> None:
    """DELETE."""
    name, job, status = row
    outcome = trial.delete(SITE.identity(name), type_name("all_access", "all_update"), job, Api.V4)
    outcome.must_be(Pinned(status))
