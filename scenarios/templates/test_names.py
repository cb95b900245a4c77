"""Names mean nothing by themselves: neither keys of a request nor those of job types.

Source: documentation page jobconfig.md (jobParams are free, job types are those configured);
observed v5.2.1 where a name of JavaScript's gets special treatment.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.fixtures.misbehaving_cases import key_cases, owner_name_cases, type_name_cases
from scicat_harness.judge.trial import Trial


@matrix(key_cases)
def test_key(case: EffectCase, trial: Trial) -> None:
    """Keys of jobParams and jobResultObject."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(type_name_cases)
def test_type_name(case: EffectCase, trial: Trial) -> None:
    """Names that no configuration has."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(owner_name_cases)
def test_owner_name(case: EffectCase, trial: Trial) -> None:
    """A username that is an object."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)
