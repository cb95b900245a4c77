"""A validate action refuses what does not satisfy its schemas, before anything is stored.

Source: documentation jobconfig.md (validate); observed v5.2.1 for texts. Schemas that a backend
does not start with are judged in ``startup/``.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__, on="create"))
def test_create(case: EffectCase, trial: Trial) -> None:
    """Schemas against a create and its datasets."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, on="update"))
def test_update(case: EffectCase, trial: Trial) -> None:
    """Schemas against an update."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
