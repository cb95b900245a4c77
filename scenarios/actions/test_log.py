"""A log action writes its text of the phase, and of the job type where it has none to perform.

Source: documentation jobconfig.md (log); observed v5.2.1 for what is empty. The texts of templates
are judged in ``templates/``.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.log_cases import log_create_cases, log_update_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(log_create_cases)
def test_create(case: EffectCase, trial: Trial) -> None:
    """Lines of a create."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(log_update_cases)
def test_update(case: EffectCase, trial: Trial) -> None:
    """Lines of an update."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)
