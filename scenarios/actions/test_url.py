"""A url action makes one call: by its method, to its address, with its headers and its body.

Source: documentation page jobconfig.md, section URLAction; observed v5.2.1 for what travels (the
address is encoded once as a whole). Not covered: answers that are no success and networks that
fail (``failures/``), values that change where a call goes (``templates/test_injection.py``).
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__, part="test_call"))
def test_call(case: EffectCase, trial: Trial) -> None:
    """Methods, headers and bodies."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, part="test_address"))
def test_address(case: EffectCase, trial: Trial) -> None:
    """Paths and queries, as they travel."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, part="test_answer"))
def test_answer(case: EffectCase, trial: Trial) -> None:
    """Any status from 200 to 299 is a success, and redirects are followed."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, part="test_broken_template"))
def test_broken_template(case: EffectCase, trial: Trial) -> None:
    """A template that fails stops what follows, unless errors are ignored; the job is stored."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
