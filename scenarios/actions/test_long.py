"""Long texts arrive whole: in log lines, calls, mails, and in the replies to the client.

Source: specification: templates.syntax (documentation: jobconfig.md names no limit; observed on
v4.25.1 to v5.2.1). Not covered: texts beyond what a mail server or a broker takes.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__))
def test_whole(case: EffectCase, trial: Trial) -> None:
    """Nothing is cut, neither by an action nor by the reply to it."""
    trial.send(case.identity, case.request).must_be(case.pinned)
