"""Every case of every matrix, taken from the scenarios themselves, with its prediction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from scicat_harness.fixtures.matrix import Build
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.sites import named_site
from scicat_harness.model.release import CURRENT, UPCOMING, Release
from scicat_harness.oracle.predict import Oracle, Prediction, Unspecified
from scicat_harness.oracle.rule import Reading, View
from scicat_harness.suite.matrices import matrices, site_of

__all__ = [
    "BEFORE",
    "BESIDE_MATRICES",
    "EARLY",
    "EXTENTS",
    "NOW",
    "RELEASES",
    "Foreseen",
    "builders",
    "foreseen",
    "oracle_of",
]

NOW = CURRENT
BEFORE = Release(5, 0, 1)
EARLY = Release(4, 20, 2)
RELEASES = (UPCOMING, NOW, BEFORE, Release(4, 25, 1), EARLY)
EXTENTS = (*((Profile.STANDARD, each) for each in RELEASES), (Profile.FULL, NOW))
"""Pairs of profile and release. Full takes much longer, and has the rules of standard."""


BESIDE_MATRICES = frozenset({"actions.switch.from-memory"})
"""Rules that take several requests in a row, which no case of a matrix is."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A case and what the oracle says of it; ``builder`` names the matrix it belongs to."""

    builder: str
    case: Any
    prediction: Prediction


def builders() -> dict[str, Build]:
    """The builder of every ``@matrix`` scenario, by module and function."""
    return {name: each.build for name, each in matrices().items()}


@cache
def oracle_of(site: str, release: Release, reading: Reading = Reading.OBSERVED) -> Oracle:
    """The oracle of the union site or of a satellite."""
    return Oracle(named_site(site, release), View(release, reading))


@cache
def foreseen(
    profile: Profile, release: Release, reading: Reading = Reading.OBSERVED
) -> tuple[Foreseen, ...]:
    """Every specified case of a profile with its prediction."""
    return tuple(_foreseen(profile, release, reading))


def _foreseen(profile: Profile, release: Release, reading: Reading) -> Iterator[Foreseen]:
    for name, build in builders().items():
        for case in build(profile):
            oracle = oracle_of(site_of(case), release, reading)
            if getattr(getattr(case, "request", None), "job_type", "") in oracle.site.withheld:
                continue
            try:
                yield Foreseen(name, case, case.predict(oracle))
            except Unspecified:
                continue
