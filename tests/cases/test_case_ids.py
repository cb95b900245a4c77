"""Case ids: unique within a matrix, the same every time, and fit for a command line."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from scicat_harness.fixtures.profile import Profile

from ..everything import builders

PROFILES = (Profile.STANDARD, Profile.FULL)


def ids_of(builder: str, profile: Profile) -> list[str]:
    """The ids of one matrix, in its order."""
    return [case.id for case in builders()[builder](profile)]


@pytest.mark.parametrize("builder", sorted(builders()))
def test_ids_are_unique_within_a_matrix(builder: str) -> None:
    for profile in PROFILES:
        counts = Counter(ids_of(builder, profile))
        assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("builder", sorted(builders()))
def test_ids_come_in_the_same_order_every_time(builder: str) -> None:
    for profile in PROFILES:
        assert ids_of(builder, profile) == ids_of(builder, profile)


@pytest.mark.parametrize("builder", sorted(builders()))
def test_standard_keeps_the_order_of_full(builder: str) -> None:
    whole = ids_of(builder, Profile.FULL)
    position = {name: index for index, name in reversed(list(enumerate(whole)))}
    places = [position[name] for name in ids_of(builder, Profile.STANDARD)]
    assert places == sorted(places)


@pytest.mark.parametrize("builder", sorted(builders()))
def test_ids_need_no_quotes_in_a_shell(builder: str) -> None:
    form = re.compile(r"[\w.+-]+")
    assert [name for name in ids_of(builder, Profile.FULL) if not form.fullmatch(name)] == []
