"""The lattice of create auth values, as a property over generated sites, callers and requests.

Source: specification: authorization.checks (from lax to strict). Through v3 an owner group is
derived from the auth value and the datasets, so the same body is not the same request there; the
property is about v4.
"""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings

from scicat_harness.model.dataset import Dataset, DatasetList, Listed
from scicat_harness.model.identity import ANONYMOUS, Identity
from scicat_harness.model.outcome import Decision
from scicat_harness.model.release import Release
from scicat_harness.model.request import Ownership
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import Reading, View

from .generated import ANY_JOB, CREATE_TYPES, UPDATE_TYPES, Question, questions, site_of

VIEWS = [
    View(release, reading)
    for release in (Release(5, 0, 1), Release(5, 2, 1))
    for reading in Reading
]

WIDER: dict[str, tuple[str, ...]] = {
    "all": tuple(CREATE_TYPES),
    "authenticated": ("access", "owner", "group", "user", "admin", "absent", "unknown"),
    "access": ("owner",),
    "group": ("admin", "absent", "unknown"),
    "user": ("admin", "absent", "unknown"),
    "admin": ("absent", "unknown"),
}
"""A laxer auth value, and the stricter ones it includes without exception."""

bounded = settings(deadline=None, max_examples=100, derandomize=True)


def may_create(question: Question, kind: str, view: View) -> bool:
    """Whether the caller may create under a kind of auth."""
    found = Oracle(question.site, view).create(question.caller, question.create(kind))
    return found.decision is Decision.ALLOW


@pytest.mark.parametrize("laxer", WIDER)
@bounded
@given(question=questions())
def test_who_passes_a_stricter_auth_passes_the_laxer(laxer: str, question: Question) -> None:
    for view in VIEWS:
        for stricter in WIDER[laxer]:
            if may_create(question, stricter, view):
                assert may_create(question, laxer, view), (stricter, view)


@pytest.mark.parametrize("laxer", ["authenticated", "access"])
@bounded
@given(question=questions())
def test_public_is_stricter_for_everybody_who_is_logged_in(laxer: str, question: Question) -> None:
    assume(question.caller != ANONYMOUS)
    for view in VIEWS:
        if may_create(question, "public", view):
            assert may_create(question, laxer, view), view


@bounded
@given(question=questions())
def test_anonymous_creates_under_all_and_public_only(question: Question) -> None:
    assume(question.caller == ANONYMOUS)
    for view in VIEWS:
        allowed = {kind for kind in CREATE_TYPES if may_create(question, kind, view)}
        assert allowed <= {"all", "public"}


@bounded
@given(question=questions())
def test_nobody_creates_what_an_admin_may_not(question: Question) -> None:
    """Exceptions: an admin must say whom the job is for, or a contact; anonymous need not."""
    asked = question.ownership
    assume(asked.user or asked.group or asked.email)
    for view in VIEWS:
        for kind in CREATE_TYPES:
            if may_create(question, kind, view):
                found = Oracle(question.site, view).create(question.admin, question.create(kind))
                assert found.decision is Decision.ALLOW, (kind, view)


@bounded
@given(question=questions())
def test_nobody_updates_or_reads_what_an_admin_may_not(question: Question) -> None:
    for view in VIEWS:
        oracle = Oracle(question.site, view)
        for kind in UPDATE_TYPES:
            request = question.update(kind)
            assert oracle.update(question.admin, request).decision is Decision.ALLOW
        assert oracle.read(question.admin, "update-all", question.job).decision is Decision.ALLOW
        assert oracle.listed(question.admin, "update-all", question.job).visible


@pytest.mark.parametrize("dataset_auth", ["public", "access", "owner"])
def test_admin_rights_do_not_stand_in_for_datasets(dataset_auth: str) -> None:
    """An exception: create-privileged users pass #jobAdmin, and yet no dataset auth value."""
    nobodys = Dataset("one", "blue")
    creator = Identity("ada", ("creators", "red"))
    site = site_of((creator,), (nobodys,))
    listed = DatasetList("one", (Listed("one"),))
    question = Question(site, creator, listed, Ownership(user="ada", group="red"), ANY_JOB)
    view = View(Release(5, 2, 1))
    assert may_create(question, "admin", view)
    assert not may_create(question, dataset_auth, view)


@bounded
@given(question=questions())
def test_who_may_read_a_job_sees_it_listed_and_nobody_else_does(question: Question) -> None:
    for view in VIEWS:
        oracle = Oracle(question.site, view)
        read = oracle.read(question.caller, "update-all", question.job)
        listed = oracle.listed(question.caller, "update-all", question.job)
        assert bool(listed.visible) == (read.decision is Decision.ALLOW)


@bounded
@given(question=questions())
def test_only_the_delete_groups_delete_not_even_admins(question: Question) -> None:
    for view in VIEWS:
        found = Oracle(question.site, view).delete(question.caller, "update-all", question.job)
        assert (found.decision is Decision.ALLOW) == ("deleters" in question.caller.groups)
