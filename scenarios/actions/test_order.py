"""Actions run in the order they are listed, all of them before storing, until one fails after.

Source: specification: actions.phases; observed v5.2.1 for the order of refusals. The order between
channels is only visible for mails and calls, which are over before the next action starts.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__, on="create"))
def test_create(case: EffectCase, trial: Trial) -> None:
    """Sequences of a create."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, on="update"))
def test_update(case: EffectCase, trial: Trial) -> None:
    """Sequences of an update."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
