"""Generated sites, callers and requests: what the properties of the oracle are tried on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hypothesis import strategies as st

from scicat_harness.model.dataset import Dataset, DatasetList, Listed
from scicat_harness.model.identity import ANONYMOUS, Identity, Roles
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.request import (
    NO_DATASETS,
    CreateRequest,
    JobOwnership,
    Ownership,
    UpdateRequest,
)
from scicat_harness.model.site import Site

__all__ = ["ANY_JOB", "CREATE_TYPES", "UPDATE_TYPES", "Question", "questions", "site_of"]

GROUPS = ("red", "green", "blue")
ROLES = ("admins", "creators", "updaters", "deleters")
NAMES = ("ada", "ben", "cyd")
ADMIN = Identity("root", ("admins",))
ANY_JOB = JobOwnership("some")

CREATE_TYPES = {
    "all": "#all",
    "public": "#datasetPublic",
    "authenticated": "#authenticated",
    "access": "#datasetAccess",
    "owner": "#datasetOwner",
    "admin": "#jobAdmin",
    "group": "@red",
    "user": "ada",
    "absent": None,
    "unknown": "#nonsense",
}
UPDATE_TYPES = {
    "all": "#all",
    "owner-user": "#jobOwnerUser",
    "owner-group": "#jobOwnerGroup",
    "admin": "#jobAdmin",
    "group": "@red",
    "user": "ada",
    "absent": None,
    "unknown": "#nonsense",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A caller on a site, with what a new job is asked to be, and a stored one."""

    site: Site
    caller: Identity
    datasets: DatasetList
    ownership: Ownership
    job: JobOwnership

    @property
    def admin(self) -> Identity:
        """An admin of that site."""
        return ADMIN

    def create(self, kind: str) -> CreateRequest:
        """The same request under one kind of create auth."""
        return CreateRequest(f"create-{kind}", self.datasets, self.ownership)

    def update(self, kind: str) -> UpdateRequest:
        """The same request under one kind of update auth."""
        return UpdateRequest(f"update-{kind}", self.job)


def _job_types() -> tuple[JobType, ...]:
    creates = (JobType(f"create-{name}", auth, "#all") for name, auth in CREATE_TYPES.items())
    updates = (JobType(f"update-{name}", "#all", auth) for name, auth in UPDATE_TYPES.items())
    return (*creates, *updates)


def site_of(people: Iterable[Identity], datasets: Iterable[Dataset]) -> Site:
    """A site with every auth value, these people and an admin, and these datasets."""
    return Site(
        "generated",
        Roles(("admins",), ("creators",), ("updaters",), ("deleters",)),
        {each.name: each for each in (*people, ADMIN)},
        {each.alias: each for each in datasets},
        {each.name: each for each in _job_types()},
    )


_groups = st.lists(st.sampled_from((*GROUPS, *ROLES)), max_size=3, unique=True).map(tuple)
_some = st.lists(st.sampled_from(GROUPS), max_size=2, unique=True).map(tuple)
_maybe_group = st.sampled_from((None, *GROUPS))
_maybe_user = st.sampled_from((None, *NAMES, "nobody"))


@st.composite
def _sites(draw: st.DrawFn) -> Site:
    people = {name: Identity(name, draw(_groups)) for name in NAMES}
    datasets = {
        alias: Dataset(alias, draw(st.sampled_from(GROUPS)), draw(_some), draw(st.booleans()))
        for alias in ("one", "two", "three")
    }
    return site_of(people.values(), datasets.values())


_lists = st.one_of(
    st.just(NO_DATASETS),
    st.lists(st.sampled_from(("one", "two", "three")), max_size=3).map(
        lambda names: DatasetList("some", tuple(Listed(name) for name in names))
    ),
)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """A site and somebody with a request."""
    site = draw(_sites())
    caller = draw(st.sampled_from((ANONYMOUS, *(site.identities[name] for name in NAMES))))
    email = draw(st.sampled_from((None, "contact@elsewhere.example")))
    ownership = Ownership("some", draw(_maybe_user), draw(_maybe_group), email)
    job = JobOwnership("some", draw(_maybe_user), draw(_maybe_group))
    return Question(site, caller, draw(_lists), ownership, job)
