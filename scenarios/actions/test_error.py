"""An error action refuses with its message and status, and nothing is stored.

Source: documentation jobconfig.md (error); observed v5.2.1 for statuses that are no refusals, and
for messages that cannot be rendered.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.error_cases import error_create_cases, error_update_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(error_create_cases)
def test_create(case: EffectCase, trial: Trial) -> None:
    """Refused creates."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(error_update_cases)
def test_update(case: EffectCase, trial: Trial) -> None:
    """Refused updates."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)
