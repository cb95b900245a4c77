"""A validate action refuses what does not satisfy its schemas, before anything is stored.

Source: documentation jobconfig.md (validate); observed v5.2.1 for texts. Schemas that a backend
does not start with are judged in ``startup/``.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.fixtures.validate_cases import validate_create_cases, validate_update_cases
from scicat_harness.judge.trial import Trial


@matrix(validate_create_cases)
def test_create(case: EffectCase, trial: Trial) -> None:
    """Schemas against a create and its datasets."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(validate_update_cases)
def test_update(case: EffectCase, trial: Trial) -> None:
    """Schemas against an update."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)
