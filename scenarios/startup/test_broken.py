"""A backend does not start with a broken configuration, and its message names the place.

Source: the documentation's page on job configuration, and the messages of the released backends.
The promise is that whoever wrote the file can find the mistake: the message names the file and the
job type. Not covered: the wording beyond what identifies the mistake.
"""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.startup.case import StartCase
from scicat_harness.fixtures.startup.corpus import broken_cases
from scicat_harness.plugin.lab import Lab


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in broken_cases()])
def test_start_fails(case: StartCase, lab: Lab) -> None:
    """Exit code 1, and the message."""
    lab.needs(case.releases, case.name)
    start = case.with_broker(lab.broker)
    attempt = lab.attempt(start, whole=case.whole)
    lab.start.must_fail(start, attempt, *case.ending.printed, known=case.known)
