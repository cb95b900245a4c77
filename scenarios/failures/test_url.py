"""A call that fails is told to the client with the remote status, or 400; the job is stored.

Source: documentation page jobconfig.md (``ignoreErrors``); observed v5.2.1 for what is told. The
actions before it have happened, those after it happen only with ``ignoreErrors``. Not covered:
certificates, addresses that cannot be parsed (``actions/``).
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.failing_url_cases import url_failure_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(url_failure_cases)
def test_call(case: EffectCase, trial: Trial) -> None:
    """Each way to fail, as first and as second action."""
    outcome = trial.send(case.identity, case.request)
    assert case.pinned is not None
    outcome.must_be(case.pinned)
