"""Names mean nothing by themselves: neither keys of a request nor those of job types.

Source: documentation page jobconfig.md (jobParams are free, job types are those configured);
observed v5.2.1 where a name of JavaScript's gets special treatment.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__, part="test_key"))
def test_key(case: EffectCase, trial: Trial) -> None:
    """Keys of jobParams and jobResultObject."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, part="test_type_name"))
def test_type_name(case: EffectCase, trial: Trial) -> None:
    """Names that no configuration has."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, part="test_owner_name"))
def test_owner_name(case: EffectCase, trial: Trial) -> None:
    """A username that is an object."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
