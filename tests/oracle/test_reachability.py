"""Every rule of a release decides something in some case, in ``standard`` and in ``full``."""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE
from scicat_harness.model.release import Release

from ..everything import BEFORE, BESIDE_MATRICES, EXTENTS, RELEASES, foreseen, oracle_of


@pytest.mark.parametrize(("profile", "release"), EXTENTS, ids=str)
def test_every_rule_is_exercised_by_some_case(profile: Profile, release: Release) -> None:
    exercised = {rule for each in foreseen(profile, release) for rule in each.prediction.rules}
    unused = oracle_of(SITE.name, release).rule_ids() - BESIDE_MATRICES - exercised
    assert unused == {each for each in unused if release < BEFORE and each.startswith("actions.")}


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_every_rule_that_refuses_or_allows_a_create_settles_one(release: Release) -> None:
    deciding = {each.prediction.deciding for each in foreseen(Profile.STANDARD, release)}
    rules = oracle_of(SITE.name, release).rule_ids()
    wanted = {rule for rule in rules if rule.startswith("create.")}
    assert {rule for rule in wanted - deciding if not rule.startswith("create.v3.group.")} == set()
