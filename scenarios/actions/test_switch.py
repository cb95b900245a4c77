"""A switch does what the first matching case says, in its phase.

Source: documentation jobconfig.md (switch); observed v5.2.1 for loose equality and what is refused.
"""

from __future__ import annotations

from fixtures.case import EffectCase
from fixtures.matrix import matrix
from fixtures.switch_cases import switch_create_cases, switch_update_cases
from harness.judge.trial import Trial


@matrix(switch_create_cases)
def test_create(case: EffectCase, trial: Trial) -> None:
    """Choices of a create."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(switch_update_cases)
def test_update(case: EffectCase, trial: Trial) -> None:
    """Choices of an update."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)
