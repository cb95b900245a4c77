"""What the log says about an action: operators find out from it why a job was refused.

Source: observed on v4.20.2 to v5.2.1. The lines that a log action itself writes are effects, judged
in ``test_log.py``; these are lines of the other actions.
"""

from __future__ import annotations

import re

import pytest

from scicat_harness.judge.must import must_equal
from scicat_harness.judge.trial import Trial
from scicat_harness.scenarios.jobs import OPERATOR


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
