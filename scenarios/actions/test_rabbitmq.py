"""A rabbitmq action publishes the stored job, persistent, to every queue bound to its key.

Source: documentation jobconfig.md; specification: action.rabbitmq. Nothing may reach a queue
that is bound to another key. Brokers that fail are judged in ``failures/``.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.fixtures.rabbitmq_cases import rabbitmq_create_cases, rabbitmq_update_cases
from scicat_harness.judge.trial import Trial


@matrix(rabbitmq_create_cases)
def test_create(case: EffectCase, trial: Trial) -> None:
    """Messages of a create."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(rabbitmq_update_cases)
def test_update(case: EffectCase, trial: Trial) -> None:
    """Messages of an update."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)
