"""Groups that the environment gives everybody count like groups of the accounts file.

Source: ACCESS_GROUPS_STATIC_VALUES (specification: environment.groups), observed on v4.20.2 to
v5.2.1. ``test_union.py`` sends the same identities to every endpoint of this site.
"""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.axes import DATASET_LISTS, ownership_of
from scicat_harness.fixtures.site import STATIC_SITE, satellite_sites
from scicat_harness.judge.outcome import Outcome
from scicat_harness.judge.trial import Trial
from scicat_harness.model.identity import Identity
from scicat_harness.model.release import ADMIN_GROUPS_HONOURED
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, UpdateRequest

pytestmark = pytest.mark.site(STATIC_SITE)

_SITE = satellite_sites()[STATIC_SITE]
_OPERATOR = _SITE.identity("operator")
_GROUP = "everybody"
_JOB = JobOwnership("everybodys", owner_group=_GROUP)
_LISTS = {each.name: each for each in DATASET_LISTS}

people = pytest.mark.parametrize(
    "identity",
    [
        _SITE.identity(name)
        for name in ("outsider", "groupless", "user1", "user2", "creator", "updater", "anonymous")
    ],
    ids=lambda each: each.name,
)


def _create(trial: Trial, identity: Identity, job_type: str, listed: str) -> Outcome:
    ownership = ownership_of("nothing", identity)
    if identity.has_account:
        ownership = type(ownership)("everybodys", group=_GROUP)
    return trial.submit(identity, CreateRequest(job_type, _LISTS[listed], ownership))


@people
@pytest.mark.parametrize("listed", ["own", "shared", "published"])
@pytest.mark.parametrize("job_type", ["group_access", "dataset_access", "owner_access"])
def test_create(job_type: str, listed: str, identity: Identity, trial: Trial) -> None:
    """@everybody is open for all accounts; group2 shows all of them a dataset of group1."""
    _create(trial, identity, job_type, listed).must_be_as_specified()


@people
@pytest.mark.parametrize("job_type", ["group_access", "dataset_access", "owner_access"])
def test_update(job_type: str, identity: Identity, trial: Trial) -> None:
    """A job of the group is everybody's to update where the owner group may."""
    trial.update(identity, UpdateRequest(job_type, _JOB)).must_be_as_specified()


@pytest.mark.at_once
@people
def test_read_and_delete(identity: Identity, trial: Trial) -> None:
    """All members may read it, and a delete group of the environment lets all of them delete it."""
    trial.needs(ADMIN_GROUPS_HONOURED, "creates by admins of ADMIN_GROUPS", identity)
    created = _create(trial, _OPERATOR, "group_access", "published")
    created.must_be_as_specified()
    for act in (trial.read, trial.delete):
        act(identity, "group_access", _JOB, Api.V4, of=created).must_be_as_specified()
