"""Two braces escape for HTML and nothing else; three do not escape.

Source: documentation page jobconfig.md, section Templates (three braces for most things, two for
HTML bodies). Shown for mails, headers and documents, with values that callers choose.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.fixtures.misbehaving_cases import escaping_cases
from scicat_harness.judge.trial import Trial


@matrix(escaping_cases)
def test_escaping(case: EffectCase, trial: Trial) -> None:
    """Markup and objects that look like markup."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)
