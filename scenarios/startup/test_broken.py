"""A backend does not start with a broken configuration, and its message names the place.

Source: the documentation's page on job configuration, and the messages of the released backends.
The promise is that whoever wrote the file can find the mistake: the message names the file and the
job type. Not covered: the wording beyond what identifies the mistake.
"""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.startup.case import StartCase
from scicat_harness.fixtures.startup.corpus import broken_cases
from scicat_harness.plugin.own_backends import OwnBackends


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in broken_cases()])
def test_start_fails(case: StartCase, own_backends: OwnBackends) -> None:
    """Exit code 1, and the message."""
    own_backends.judge(case)
