"""A url action makes one call: by its method, to its address, with its headers and its body.

Source: documentation page jobconfig.md, section URLAction; observed v5.2.1 for what travels (the
address is encoded once as a whole). Not covered: answers that are no success and networks that
fail (``failures/``), values that change where a call goes (``templates/test_injection.py``).
"""

from __future__ import annotations

from scicat_harness.fixtures.call_cases import (
    address_cases,
    answer_cases,
    broken_call_cases,
    call_cases,
)
from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(call_cases)
def test_call(case: EffectCase, trial: Trial) -> None:
    """Methods, headers and bodies."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(address_cases)
def test_address(case: EffectCase, trial: Trial) -> None:
    """Paths and queries, as they travel."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(answer_cases)
def test_answer(case: EffectCase, trial: Trial) -> None:
    """Any status from 200 to 299 is a success, and redirects are followed."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(broken_call_cases)
def test_broken_template(case: EffectCase, trial: Trial) -> None:
    """A template that fails stops what follows, unless errors are ignored; the job is stored."""
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)
