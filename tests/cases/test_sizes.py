"""How much each profile checks."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from scicat_harness.fixtures.blueprints.names import EFFECTS
from scicat_harness.fixtures.case import one_per_rule
from scicat_harness.fixtures.matrix import Build
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE
from scicat_harness.model.release import Release

from ..everything import (
    BESIDE_MATRICES,
    EXTENTS,
    NOW,
    Foreseen,
    builders,
    foreseen,
    oracle_of,
)

NEEDS_A_SMALL_CONFIGURATION = {
    "endpoint.create.anonymous-closed",
    "endpoint.create.user-closed",
    "endpoint.update.anonymous-closed",
    "endpoint.update.user-closed",
}
"""The union configuration opens every endpoint, and smoke starts no other backend."""

NEEDS_A_LAB = {
    "actions.perform.rabbitmq.cut-off",
    "actions.perform.rabbitmq.dies",
    "actions.validate.rabbitmq.gone",
}
"""A backend that loses its broker is one of a check's own, which smoke does not start."""


@pytest.mark.parametrize(("profile", "release"), EXTENTS, ids=str)
def test_a_profile_has_the_promised_number_of_cases(profile: Profile, release: Release) -> None:
    least = {Profile.STANDARD: 2500, Profile.FULL: 8000}[profile]
    assert len(foreseen(profile, release)) >= least


def test_smoke_exercises_every_rule_the_union_configuration_can_show() -> None:
    oracle = oracle_of(SITE.name, NOW)
    exercised = {rule for each in smoke() for rule in each.prediction.rules}
    missing = oracle.rule_ids() - exercised - BESIDE_MATRICES
    assert missing == NEEDS_A_SMALL_CONFIGURATION | NEEDS_A_LAB


def test_smoke_is_a_small_part_of_standard() -> None:
    derived = [each for each in smoke() if getattr(each.case, "pinned", None) is None]
    assert len(derived) < len(foreseen(Profile.STANDARD, NOW)) / 5


def test_smoke_has_every_effect_that_is_written_by_hand() -> None:
    written = {case.id for build in builders().values() for case in _pinned(build)}
    assert written <= {each.case.id for each in smoke() if on_effects(each.case)}


@cache
def smoke() -> list[Foreseen]:
    """What smoke runs, as the plugin chooses it."""
    made = []
    for name, build in builders().items():
        cases = list(build(Profile.STANDARD))
        effects = [case for case in cases if on_effects(case)]
        chosen = {
            SITE.name: one_per_rule(
                [case for case in cases if not hasattr(case, "site")], oracle_of(SITE.name, NOW)
            ),
            EFFECTS: [
                *(case for case in effects if case.pinned is not None),
                *one_per_rule(
                    [case for case in effects if case.pinned is None], oracle_of(EFFECTS, NOW)
                ),
            ],
        }
        for site, found in chosen.items():
            oracle = oracle_of(site, NOW)
            made += [Foreseen(name, case, case.predict(oracle)) for case in found]
    return made


def on_effects(case: Any) -> bool:
    """Whether a case is about effects."""
    return getattr(case, "site", SITE.name) == EFFECTS


def _pinned(build: Build) -> list[Any]:
    cases = [each for each in build(Profile.STANDARD) if on_effects(each)]
    return [each for each in cases if each.pinned is not None]
