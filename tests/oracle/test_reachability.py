"""Every rule of a release decides something in some case, in ``standard`` and in ``full``."""

from __future__ import annotations

import pytest

from fixtures.profile import Profile
from fixtures.site import SITE
from harness.model.release import Release

from ..everything import IN_THE_LAB, RELEASES, foreseen, oracle_of


@pytest.mark.parametrize("release", RELEASES, ids=str)
@pytest.mark.parametrize("profile", [Profile.STANDARD, Profile.FULL])
def test_every_rule_is_exercised_by_some_case(profile: Profile, release: Release) -> None:
    exercised = {rule for each in foreseen(profile, release) for rule in each.prediction.rules}
    assert exercised == oracle_of(SITE.name, release).rule_ids() - IN_THE_LAB


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_every_rule_that_refuses_or_allows_a_create_settles_one(release: Release) -> None:
    deciding = {each.prediction.deciding for each in foreseen(Profile.STANDARD, release)}
    rules = oracle_of(SITE.name, release).rule_ids()
    wanted = {rule for rule in rules if rule.startswith("create.")}
    assert {rule for rule in wanted - deciding if not rule.startswith("create.v3.group.")} == set()
