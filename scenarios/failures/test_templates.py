"""A template that fails fails its action after the job is stored; before, the reply is a success.

Source: documentation page jobconfig.md (options, ``ignoreErrors``); observed v5.2.1. A backend
starts with any template; an error in it shows at first use. Not covered: templates that render
something unexpected (``templates/``).
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__))
def test_template(case: EffectCase, trial: Trial) -> None:
    """Each option of each action, with errors reported and ignored."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
