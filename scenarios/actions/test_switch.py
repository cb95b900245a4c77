"""A switch does what the first matching case says, in its phase.

Source: documentation jobconfig.md (switch); observed v5.2.1 for loose equality and what is refused.
"""

from __future__ import annotations

from dataclasses import replace

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.pinned import Pinned
from scicat_harness.judge.trial import Trial
from scicat_harness.model.request import CreateRequest, Ownership


@matrix(effect_rows(__file__, on="create"))
def test_create(case: EffectCase, trial: Trial) -> None:
    """Choices of a create."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, on="update"))
def test_update(case: EffectCase, trial: Trial) -> None:
    """Choices of an update."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


def test_a_pattern_that_remembers(trial: Trial) -> None:
    """The same request four times: the pattern keeps its place, so that every other one differs."""
    user1, own_group = SITE.identity("user1"), Ownership("own-group", group="group1")
    request = CreateRequest("switch.remembers", ownership=own_group, params={"value": "abab"})
    done = Pinned(201, "user1", "group1", user1.email, effects=("log",), written=True)
    trial.send(user1, request).must_be(done)
    trial.send(user1, replace(request, turn=1)).must_be(done)
    trial.send(user1, replace(request, turn=2)).must_be(done)
    trial.send(user1, replace(request, turn=3)).must_be(done)
