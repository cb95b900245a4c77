"""Strategies of Hypothesis for sequences: who sends what, in which order."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from scicat_harness.fixtures.axes import (
    DATASET_LISTS,
    MORE_LISTS,
    ORDERED_PAIRS,
    ownership_of,
)
from scicat_harness.fixtures.identities import EVERYBODY, ROLES, TOKEN_HOLDERS
from scicat_harness.fixtures.site import CREATE_TYPES, UPDATE_TYPES
from scicat_harness.model.identity import Identity
from scicat_harness.model.request import Api, CreateRequest, PatchForm
from scicat_harness.oracle.lists import ListQuery
from scicat_harness.scenarios.explore.steps import (
    Create,
    Delete,
    Listing,
    MergeTwice,
    Read,
    Step,
    Update,
)

__all__ = ["sequences"]

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
_TYPES = tuple(each.name for each in (*UPDATE_TYPES, *CREATE_TYPES))
_LISTS = (*DATASET_LISTS, *MORE_LISTS, *ORDERED_PAIRS)
# The same for creates: half of them are about datasets of the owner group, under a rule that asks
# whose the datasets are.
_TYPE = st.one_of(
    st.sampled_from(_TYPES),
    st.sampled_from([each.name for each in CREATE_TYPES if "#dataset" in (each.create or "")]),
)
_LIST = st.one_of(
    st.sampled_from(_LISTS),
    st.sampled_from([each for each in _LISTS if set(each.aliases) & {"own", "own2"}]),
)
_OWNERSHIP = st.one_of(st.sampled_from(_OWNERSHIPS), st.just("own-group"))
_RESULTS = st.dictionaries(
    st.sampled_from(("a", "b")),
    st.sampled_from((1, "x", None, {"c": 1}, {"c": None}, [1, 2])),
    max_size=2,
)


@st.composite
def _creates(draw: st.DrawFn, people: SearchStrategy[Identity]) -> Create:
    who = draw(people)
    request = CreateRequest(
        draw(_TYPE),
        draw(_LIST),
        ownership_of(draw(_OWNERSHIP), who),
        draw(_API),
    )
    return Create(who, request)


@st.composite
def _usual_creates(draw: st.DrawFn, people: SearchStrategy[Identity]) -> Create:
    """Draw a create that most people may do, so that there are jobs to meet."""
    who = draw(people)
    owner = ownership_of("own-group", who)
    return Create(who, CreateRequest(UPDATE_TYPES[0].name, DATASET_LISTS[0], owner))


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
def sequences(draw: st.DrawFn) -> list[Step]:
    """Draw a sequence by a few people; a step on a job that was not made is passed over."""
    # With all of them in each sequence, hardly anybody would meet the job of another.
    people = st.sampled_from(draw(st.lists(_WHO, min_size=1, max_size=_MOST_PEOPLE, unique=True)))
    step: SearchStrategy[Step] = st.one_of(
        _usual_creates(people),
        _creates(people),
        st.builds(Update, people, _JOB, _API, _FORM, _RESULTS),
        st.builds(Read, people, _JOB, _API),
        st.builds(Listing, people, _QUERIES, _PATH),
        st.builds(Delete, people, _JOB, _API),
        st.builds(MergeTwice, people, _JOB),
    )
    return draw(st.lists(step, min_size=1, max_size=_LONGEST))
