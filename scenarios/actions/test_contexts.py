"""Templates see the request, the job, its datasets and the environment, each in its phase.

Source: documentation page jobconfig.md, section Templates (table of phases). Before storing, the
text is a line; after it, the body of a call. Not covered: paths of ``validate`` and ``switch``.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__))
def test_context(case: EffectCase, trial: Trial) -> None:
    """Both operations, both phases."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
