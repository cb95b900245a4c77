"""A mail that the server does not take is lost: 201, the job is stored, later actions run.

Source: documentation page jobconfig.md promises that it fails the action unless ``ignoreErrors``
is set; observed v5.2.1: only the log shows it. A mail that is taken late is waited for: what comes
after it is sent after it. Not covered: Microsoft 365.
"""

from __future__ import annotations

from scicat_harness.fixtures.blueprints.failing_server import MAIL_SERVERS
from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.failing_server_cases import mail_server_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.fixtures.sites import lab_sites
from scicat_harness.judge.trial import Trial
from scicat_harness.plugin.lab import Lab


@matrix(effect_rows(__file__, part="test_mail"))
def test_mail(case: EffectCase, trial: Trial) -> None:
    """Mails that the server refuses, drops or delays, and addresses that are none."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(mail_server_cases)
def test_server(case: EffectCase, lab: Lab) -> None:
    """Servers that take no mail of anybody."""
    server = MAIL_SERVERS[case.name]
    around = lab.addresses(mail_server=lab.mail_server(server))
    trial = lab.trial(lab_sites()[case.site], around)
    outcome = trial.send(case.identity, case.request)
    assert case.pinned is not None
    outcome.must_be(case.pinned)
    lab.must_have_tried(server)
