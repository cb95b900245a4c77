"""A rabbitmq action publishes the stored job, persistent, to every queue bound to its key.

Source: documentation jobconfig.md; specification: action.rabbitmq. Nothing may reach a queue
that is bound to another key. Brokers that fail are judged in ``failures/``.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__, on="create"))
def test_create(case: EffectCase, trial: Trial) -> None:
    """Messages of a create."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, on="update"))
def test_update(case: EffectCase, trial: Trial) -> None:
    """Messages of an update."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
