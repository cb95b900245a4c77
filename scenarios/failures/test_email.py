"""A mail that the server does not take is lost: 201, the job is stored, later actions run.

Source: documentation page jobconfig.md promises that it fails the action unless ``ignoreErrors``
is set; observed v5.2.1: only the log shows it. A mail that is taken late is waited for: what comes
after it is sent after it. Not covered: Microsoft 365.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial
from scicat_harness.plugin.own_backends import OwnBackends
from scicat_harness.plugin.own_services import OwnServices


@matrix(effect_rows(__file__, part="test_mail"))
def test_mail(case: EffectCase, trial: Trial) -> None:
    """Mails that the server refuses, drops or delays, and addresses that are none."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, part="test_server"))
def test_server(case: EffectCase, own_services: OwnServices, own_backends: OwnBackends) -> None:
    """Servers that take no mail of anybody."""
    trial = own_backends.start(case.site, mail_server=case.mail_server)
    trial.send(case.identity, case.request).must_be(case.pinned)
    own_services.must_have_tried_to_mail()
