"""A switch does what the first matching case says, in its phase.

Source: documentation jobconfig.md (switch); observed v5.2.1 for loose equality and what is refused.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from scicat_harness.fixtures.blueprints.names import EFFECTS
from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.fixtures.rows import ASKER, OWN_GROUP, taken
from scicat_harness.fixtures.switch_cases import switch_create_cases, switch_update_cases
from scicat_harness.judge.trial import Trial
from scicat_harness.model.request import CreateRequest


@matrix(switch_create_cases)
def test_create(case: EffectCase, trial: Trial) -> None:
    """Choices of a create."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@matrix(switch_update_cases)
def test_update(case: EffectCase, trial: Trial) -> None:
    """Choices of an update."""
    assert case.pinned is not None
    outcome = trial.send(case.identity, case.request)
    outcome.must_be(case.pinned)


@pytest.mark.site(EFFECTS)
def test_a_pattern_that_remembers(trial: Trial) -> None:
    """The same request four times: every other one is told apart by what was asked before."""
    request = CreateRequest("switch.remembers", ownership=OWN_GROUP, params={"value": "abab"})
    done = taken(201, "log")
    trial.send(ASKER, request).must_be(done)
    trial.send(ASKER, replace(request, turn=1)).must_be(done)
    trial.send(ASKER, replace(request, turn=2)).must_be(done)
    trial.send(ASKER, replace(request, turn=3)).must_be(done)
