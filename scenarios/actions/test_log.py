"""A log action writes its text of the phase, and of the job type where it has none to perform.

Source: documentation jobconfig.md (log); observed v5.2.1 for what is empty. The texts of templates
are judged in ``templates/``.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__, on="create"))
def test_create(case: EffectCase, trial: Trial) -> None:
    """Lines of a create."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, on="update"))
def test_update(case: EffectCase, trial: Trial) -> None:
    """Lines of an update."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
