"""An error action refuses with its message and status, and nothing is stored.

Source: documentation jobconfig.md (error); observed v5.2.1 for statuses that are no refusals, and
for messages that cannot be rendered.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__, on="create"))
def test_create(case: EffectCase, trial: Trial) -> None:
    """Refused creates."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, on="update"))
def test_update(case: EffectCase, trial: Trial) -> None:
    """Refused updates."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
