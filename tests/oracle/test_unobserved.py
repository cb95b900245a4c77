"""That a release outside of the observed ones is judged by the rules of the nearest of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.site import SITE
from scicat_harness.lint.release import features
from scicat_harness.model import release as known
from scicat_harness.model.release import OBSERVED, UPCOMING, Release
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import Reading, View


@pytest.mark.parametrize(
    ("unobserved", "judged_by"),
    [("v4.18.0", OBSERVED[0]), ("v5.2.2", OBSERVED[-1]), ("v6.0.0", UPCOMING)],
)
def test_rules_ledger_and_linter_are_those_of_the_nearest(
    unobserved: str, judged_by: Release
) -> None:
    release = Release.parse(unobserved)
    for reading in Reading:
        ids = [Oracle(SITE, View(each, reading)).rule_ids() for each in (release, judged_by)]
        assert ids[0] == ids[1]
    assert LEDGER.of_release(release) == LEDGER.of_release(judged_by)
    assert replace(features(release), release=judged_by) == features(judged_by)


def test_nothing_changes_outside_of_what_was_observed() -> None:
    changes = [each for each in vars(known).values() if isinstance(each, Release)]
    assert len(changes) > 5
    assert all(OBSERVED[0] < each <= UPCOMING for each in changes)
