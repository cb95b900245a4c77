"""An email action sends one mail: to its recipients, from its sender, with subject and HTML body.

Source: documentation page jobconfig.md, section Email (``to`` and ``subject`` can include template
variables, ``from`` cannot). Every mail is judged by envelope, sender, reply address, subject, body
and parts. Not covered: servers that refuse (``failures/``), values that change who gets the mail
(``templates/test_injection.py``).
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__, part="test_mail"))
def test_mail(case: EffectCase, trial: Trial) -> None:
    """Recipients, senders and texts."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, part="test_broken_template"))
def test_broken_template(case: EffectCase, trial: Trial) -> None:
    """A template that fails stops what follows, unless errors are ignored; the job is stored."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
