"""Templates render as Handlebars does, with the helpers that the backend adds.

Source: documentation page jobconfig.md, section Templates; what helpers make of odd values was
observed on v5.2.1. Each template is the body of a call on create and a line on update. Not
covered: what can be seen in a template (``test_contexts.py``), values made to do harm
(``templates/``).
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__, part="test_language"))
def test_language(case: EffectCase, trial: Trial) -> None:
    """Escaping, blocks, missing values, errors."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, part="test_helper"))
def test_helper(case: EffectCase, trial: Trial) -> None:
    """Each helper with ordinary and odd values."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
