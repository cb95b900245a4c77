"""A call that fails gives the client the remote status, or 400; the job is stored.

Source: documentation page jobconfig.md (``ignoreErrors``); observed v5.2.1 for the replies. The
actions before it have happened, those after it happen only with ``ignoreErrors``. Not covered:
certificates, addresses that cannot be parsed (``actions/``).
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__))
def test_call(case: EffectCase, trial: Trial) -> None:
    """Each way to fail, as first and as second action."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
