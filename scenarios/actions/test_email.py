"""An email action sends one mail: to its recipients, from its sender, with subject and HTML body.

Source: documentation page jobconfig.md, section Email (``to`` and ``subject`` can include template
variables, ``from`` cannot). Every mail is judged by envelope, sender, reply address, subject, body
and parts. Not covered: servers that refuse (``failures/``), values that change who gets the mail
(``templates/test_injection.py``).
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.mail_cases import broken_mail_cases, mail_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(mail_cases)
def test_mail(case: EffectCase, trial: Trial) -> None:
    """Recipients, senders and texts."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(broken_mail_cases)
def test_broken_template(case: EffectCase, trial: Trial) -> None:
    """A template that fails stops what follows, unless errors are ignored; the job is stored."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)
