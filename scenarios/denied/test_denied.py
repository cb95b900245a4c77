"""A request that is refused has no effect: no mail, no call, no message, no line, nothing stored.

Source: specification: actions.phases (actions perform after a successful operation). For every
kind of action and every way to be refused; one case of each kind is allowed, and shows that the
effects would have been seen. Not covered: failures after the job is stored (``failures/``).
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.denied_cases import denied_create_cases, denied_update_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(denied_create_cases)
def test_create(case: EffectCase, trial: Trial) -> None:
    """Create under each refusal."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(denied_update_cases)
def test_update(case: EffectCase, trial: Trial) -> None:
    """Update under each refusal."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be_as_specified()
