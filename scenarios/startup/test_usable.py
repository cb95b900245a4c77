"""A backend starts with a configuration that is unusual, but not broken.

Source: the documentation's page on job configuration, and the released backends. Some of these are
mistakes that no message names at the start: an unknown auth value, a template that cannot be
parsed, a misspelt key. Not covered here: what comes of them later (``failures/``, ``templates/``).
"""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.startup.case import StartCase
from scicat_harness.fixtures.startup.corpus import usable_cases
from scicat_harness.plugin.own_backends import OwnBackends


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in usable_cases()])
def test_start(case: StartCase, own_backends: OwnBackends) -> None:
    """It becomes healthy, and prints the message where there must be one."""
    own_backends.judge(case)
