"""A backend starts with a configuration that is unusual, but not broken.

Source: the documentation's page on job configuration, and the released backends. Some of these are
mistakes that no message names at the start: an unknown auth value, a template that cannot be
parsed, a misspelt key. Not covered here: what comes of them later (``failures/``, ``templates/``).
"""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.startup.case import StartCase
from scicat_harness.fixtures.startup.corpus import usable_cases
from scicat_harness.plugin.lab import Lab


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in usable_cases()])
def test_start(case: StartCase, lab: Lab) -> None:
    """It becomes healthy, and prints the message where there must be one."""
    lab.needs(case.releases, case.name)
    start = case.with_broker(lab.broker)
    attempt = lab.attempt(start, whole=case.whole)
    lab.start.must_start(start, attempt, *case.ending.printed, known=case.known)
