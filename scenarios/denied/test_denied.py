"""A request that is refused has no effect: no mail, no call, no message, no line, nothing stored.

Source: specification: actions.phases (actions perform after a successful operation). For every
kind of action and every way to be refused; one case of each kind is allowed, and shows that the
effects would have been seen. Not covered: failures after the job is stored (``failures/``).
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__, on="create"))
def test_create(case: EffectCase, trial: Trial) -> None:
    """Create under each refusal."""
    trial.send(case.identity, case.request).must_be(case.pinned)


@matrix(effect_rows(__file__, on="update"))
def test_update(case: EffectCase, trial: Trial) -> None:
    """Update under each refusal."""
    trial.send(case.identity, case.request).must_be(case.pinned)
