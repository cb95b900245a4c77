"""Strategies of Hypothesis for sequences: who sends what, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from scicat_harness.fixtures.axes import (
    DATASET_LISTS,
    MORE_LISTS,
    ORDERED_PAIRS,
    ownership_of,
)
from scicat_harness.fixtures.effects.rows import job_types_of
from scicat_harness.fixtures.identities import EVERYBODY, ROLES, TOKEN_HOLDERS
from scicat_harness.fixtures.site import CREATE_TYPES, UPDATE_TYPES
from scicat_harness.model.identity import Identity
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.request import Api, CreateRequest, PatchForm
from scicat_harness.oracle.lists import ListQuery
from scicat_harness.paths import SCENARIOS
from scicat_harness.scenarios.explore.steps import (
    Create,
    Delete,
    Listing,
    MergeTwice,
    Read,
    Step,
    Update,
)

__all__ = ["PLAIN", "WITH_EFFECTS", "JobTypes", "sequences"]

_LONGEST = 8
_MOST_JOBS = 4
_MOST_PEOPLE = 3
_OWNERSHIPS = (
    *("nothing", "own-group", "self-in-own-group", "other-user-in-their-group"),
    *("other-user-in-own-group", "other-group", "contact-only", "second-group"),
)
_SPECIAL = {*ROLES.admin, *ROLES.create_privileged, *ROLES.update_privileged, *ROLES.delete_jobs}
# The first ones come first in a shrunk sequence. Every second person has a right of their own: most
# rules and most defects are about them, and hardly any sequence would have the right one otherwise.
_WHO = st.one_of(
    st.sampled_from((*EVERYBODY[1:], EVERYBODY[0], *TOKEN_HOLDERS)),
    st.sampled_from([each for each in EVERYBODY if _SPECIAL.intersection(each.groups)]),
)
_API = st.sampled_from((Api.V4, Api.V3))
_JOB = st.integers(0, _MOST_JOBS - 1)
_LISTS = (*DATASET_LISTS, *MORE_LISTS, *ORDERED_PAIRS)
# The same for creates: half of them are about datasets of the owner group.
_LIST = st.one_of(
    st.sampled_from(_LISTS),
    st.sampled_from([each for each in _LISTS if set(each.aliases) & {"own", "own2"}]),
)
_OWNERSHIP = st.one_of(st.sampled_from(_OWNERSHIPS), st.just("own-group"))
_WANTED = {"wanted": "yes"}
"""What the validate actions of the effects site ask for."""
_RESULTS = st.dictionaries(
    st.sampled_from(("a", "b")),
    st.sampled_from((1, "x", None, {"c": 1}, {"c": None}, [1, 2])),
    max_size=2,
)


@dataclass(frozen=True, slots=True)
class JobTypes:
    """The job types of a sequence; most people may create a job of the ``usual`` one.

    ``acting`` says that they have actions, whose effects must be attributed to one request.
    """

    all_: Sequence[JobType]
    usual: JobType
    acting: bool = False

    @property
    def names(self) -> SearchStrategy[str]:
        """Draw a name; every second type asks whose the datasets are."""
        asking = [each for each in self.all_ if "#dataset" in (each.create or "")]
        kinds: tuple[Sequence[JobType], ...] = (self.all_, asking)
        return st.one_of(*(st.sampled_from([each.name for each in kind]) for kind in kinds))


PLAIN = JobTypes((*UPDATE_TYPES, *CREATE_TYPES), UPDATE_TYPES[0])
_ACTING = tuple(job_types_of(SCENARIOS / "denied" / "denied.yaml"))
WITH_EFFECTS = JobTypes(
    _ACTING, next(each for each in _ACTING if each.name == "all.update-validated"), acting=True
)
"""Every kind of action, behind every kind of permission and refusal, on the effects site."""


@st.composite
def _creates(draw: st.DrawFn, people: SearchStrategy[Identity], types: JobTypes) -> Create:
    who = draw(people)
    request = CreateRequest(
        draw(types.names),
        draw(_LIST),
        ownership_of(draw(_OWNERSHIP), who),
        draw(_API),
        params=draw(st.sampled_from(({}, _WANTED))) if types.acting else {},
    )
    return Create(who, request)


@st.composite
def _usual_creates(draw: st.DrawFn, people: SearchStrategy[Identity], types: JobTypes) -> Create:
    """Draw a create that most people may do, so that there are jobs to meet."""
    who = draw(people)
    owner = ownership_of("own-group", who)
    return Create(who, CreateRequest(types.usual.name, DATASET_LISTS[0], owner))


_FORM = st.sampled_from((PatchForm.REPLACE, PatchForm.MERGE))
_QUERIES = st.builds(
    ListQuery,
    limit=st.none() | st.integers(1, 3),
    skip=st.none() | st.integers(1, 3),
    sort=st.sampled_from((None, "correlation")),
    descending=st.booleans(),
)
_PATH = st.sampled_from(("v4/jobs", "v4/jobs/fullquery"))


@st.composite
def sequences(draw: st.DrawFn, types: JobTypes = PLAIN) -> list[Step]:
    """Draw a sequence by a few people; a step on a job that was not made is passed over."""
    # With all of them in each sequence, hardly anybody would meet the job of another.
    people = st.sampled_from(draw(st.lists(_WHO, min_size=1, max_size=_MOST_PEOPLE, unique=True)))
    results = st.one_of(st.just(_WANTED), _RESULTS) if types.acting else _RESULTS
    step: SearchStrategy[Step] = st.one_of(
        _usual_creates(people, types),
        _creates(people, types),
        st.builds(Update, people, _JOB, _API, _FORM, results),
        st.builds(Read, people, _JOB, _API),
        # Lists have no effects, and those of two requests at once cannot be told apart.
        *(() if types.acting else (st.builds(Listing, people, _QUERIES, _PATH),)),
        st.builds(Delete, people, _JOB, _API),
        *(() if types.acting else (st.builds(MergeTwice, people, _JOB),)),
    )
    return draw(st.lists(step, min_size=1, max_size=_LONGEST))
