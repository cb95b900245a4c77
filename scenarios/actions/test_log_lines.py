"""What the log says about an action: operators find out from it why a job was refused.

Source: observed on v4.20.2 to v5.2.1. The lines that a log action itself writes are effects, judged
in ``test_log.py``; these are lines of the other actions.
"""

from __future__ import annotations

import re

import pytest

from scicat_harness.judge.must import must_equal
from scicat_harness.judge.trial import Trial
from scicat_harness.model.release import CALL_ERRORS_IGNORED
from scicat_harness.scenarios.jobs import OPERATOR

pytestmark = pytest.mark.smoke

JOB = r"\(Job [0-9a-f-]{36}\)"


def _logs(found: re.Match[str] | None, what: str) -> None:
    must_equal(found is not None, True, f"that the log says {what}")


@pytest.mark.parametrize("status", [403, 418])
def test_an_error_action(status: int, trial: Trial) -> None:
    """Status and message."""
    refused = trial.post(OPERATOR, trial.body(type=f"error.create-{status}"))
    refused.must_answer(status, because="the action refuses (documentation: jobconfig.md)")
    line = rf"ERROR .*Executing error action \[{status}\]: no"
    _logs(refused.log.find(line), "which error was executed")


def test_a_successful_call(trial: Trial) -> None:
    """The address before the call, the status after it."""
    created = trial.post(OPERATOR, trial.body(type="calls.get"))
    created.must_answer(201, because="everybody may create it")
    job = re.escape(f"(Job {created.json['id']})")
    _logs(created.log.find(rf"LOG \[URLAction\] {job} Requesting http"), "what is requested")
    line = rf"LOG \[URLAction\] {job} Request for http\S+ returned 200\b"
    _logs(created.log.find(line), "what was returned")


def test_a_refused_call(trial: Trial) -> None:
    """The status and the text that the remote side refused with."""
    trial.needs(CALL_ERRORS_IGNORED, "the log line of a refused call", OPERATOR)
    refused = trial.post(OPERATOR, trial.body(type="failing.url-503"))
    refused.must_answer(503, because="a remote refusal is handed on (observed v5.2.1)")
    line = rf"ERROR \[URLAction\] {JOB} Request for http\S+ returned 503\. Response: busy"
    _logs(refused.log.find(line), "who refused, and how")


def test_a_mail_that_cannot_be_rendered(trial: Trial) -> None:
    """The error of the template."""
    trial.needs(CALL_ERRORS_IGNORED, "the log line of a template error", OPERATOR)
    failed = trial.post(OPERATOR, trial.body(type="failing.email-to-helper"))
    failed.must_answer(400, because="a template that fails fails the mail (observed v5.2.1)")
    error = r'EmailJobAction: Template error: Error: Missing helper: "nosuch"'
    _logs(failed.log.find(rf"ERROR \[EmailJobAction\] {JOB} {error}"), "which template failed")
