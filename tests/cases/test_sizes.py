"""How much each profile checks."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import one_per_rule
from fixtures.matrix import Build
from fixtures.profile import Profile
from fixtures.site import SITE
from harness.model.release import Release

from ..everything import NOW, RELEASES, builders, foreseen, oracle_of

NEEDS_A_SMALL_CONFIGURATION = {
    "endpoint.create.anonymous-closed",
    "endpoint.create.user-closed",
    "endpoint.update.anonymous-closed",
    "endpoint.update.user-closed",
}
"""The union configuration opens every endpoint, and smoke starts no other backend."""


@pytest.mark.parametrize("release", RELEASES, ids=str)
@pytest.mark.parametrize(("profile", "least"), [(Profile.STANDARD, 2500), (Profile.FULL, 8000)])
def test_a_profile_has_the_promised_number_of_cases(
    profile: Profile, least: int, release: Release
) -> None:
    assert len(foreseen(profile, release)) >= least


def test_smoke_exercises_every_rule_the_union_configuration_can_show() -> None:
    oracle = oracle_of(SITE.name, NOW)
    exercised: set[str] = set()
    for build in builders().values():
        for case in one_per_rule(_on_the_union(build), oracle):
            exercised.update(case.predict(oracle).rules)
    assert oracle.rule_ids() - exercised == NEEDS_A_SMALL_CONFIGURATION


def test_smoke_is_a_small_part_of_standard() -> None:
    oracle = oracle_of(SITE.name, NOW)
    smoke = sum(
        len(list(one_per_rule(_on_the_union(build), oracle))) for build in builders().values()
    )
    assert smoke < len(foreseen(Profile.STANDARD, NOW)) / 5


def _on_the_union(build: Build) -> list[Any]:
    return [each for each in build(Profile.STANDARD) if not hasattr(each, "site")]
