"""Which part of the suite must catch a defect."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness import scenarios
from scicat_harness.embedded.sabotage import CATALOGUE
from scicat_harness.fixtures.profile import Profile
from scicat_harness.suite.sabotage import NEEDS_STANDARD, NOT_CLAIMED, SuitePart, part_for

IDS = [each.id for each in CATALOGUE]
AUTHORIZATION = ("create", "delete", "endpoint", "read", "update")


@pytest.mark.parametrize(
    ("defect", "folder"),
    [
        ("create.auth.job-admin.admits-plain", "create"),
        ("actions.email.subject-unrendered", "actions"),
        ("create.stored-despite.action-refusal", "denied"),
        ("update.stored-despite-action-refusal", "denied"),
    ],
)
def test_a_defect_is_looked_for_where_it_shows(defect: str, folder: str) -> None:
    assert defect in IDS
    part = part_for(defect)
    assert folder in part.folders
    assert part.profile is Profile.SMOKE


def test_a_defect_of_the_start_needs_backends_of_its_own() -> None:
    starts = [each for each in IDS if each.startswith("startup.")]
    assert starts
    parts = {part_for(each).whole() for each in starts}
    assert parts == {SuitePart(Profile.STANDARD, ("startup",))}


def test_some_defects_show_in_the_standard_profile_only() -> None:
    assert {part_for(each).profile for each in NEEDS_STANDARD} == {Profile.STANDARD}


def test_no_defect_of_an_action_is_looked_for_by_authorization() -> None:
    effects = ("actions.", "context.", "helpers.", "templates.")
    found = [each for each in IDS if each.startswith(effects)]
    assert len(found) > 50
    assert {part_for(each).folders for each in found}.isdisjoint({AUTHORIZATION})


def test_what_is_said_of_defects_is_said_of_real_ones() -> None:
    assert set(IDS) >= NEEDS_STANDARD
    assert set(IDS) >= set(NOT_CLAIMED)


def test_authorization_folders_are_there() -> None:
    root = Path(scenarios.__path__[0])
    assert [each for each in AUTHORIZATION if not (root / each).is_dir()] == []


def test_a_part_says_what_it_is() -> None:
    assert str(part_for("actions.email.skipped")) == "smoke effects"
    assert str(part_for("create.auth.job-admin.admits-plain")) == "smoke authorization"
    assert str(SuitePart(Profile.STANDARD, ("startup",))) == "standard startup"


def test_the_likely_folders_are_some_of_those_that_must_catch_it() -> None:
    parts = [part_for(each) for each in IDS]
    assert [each for each in parts if not {*each.likely.folders} <= {*each.folders}] == []
    assert len([each for each in parts if each.narrowed() is not None]) > len(parts) / 2
