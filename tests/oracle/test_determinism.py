"""The oracle is pure: the same question has the same answer, whatever was asked before."""

from __future__ import annotations

import copy
import random

from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import View

from ..everything import NOW, foreseen


def test_another_oracle_in_another_order_says_the_same() -> None:
    shuffled = [each for each in foreseen(Profile.STANDARD, NOW) if not hasattr(each.case, "site")]
    random.Random(7).shuffle(shuffled)
    other = Oracle(SITE, View(NOW))
    assert [each.case.predict(other) for each in shuffled] == [each.prediction for each in shuffled]


def test_a_question_changes_nothing() -> None:
    before = copy.deepcopy(SITE)
    oracle = Oracle(SITE, View(NOW))
    found = [each for each in foreseen(Profile.STANDARD, NOW) if not hasattr(each.case, "site")]
    for each in found[:500]:
        each.case.predict(oracle)
    assert before == SITE
