"""Two braces escape for HTML and nothing else; three do not escape.

Source: documentation page jobconfig.md, section Templates (three braces for most things, two for
HTML bodies). Shown for mails, headers and documents, with values that callers choose.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__))
def test_escaping(case: EffectCase, trial: Trial) -> None:
    """Markup and objects that look like markup."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
