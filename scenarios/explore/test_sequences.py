"""Random sequences of requests by random identities, each judged whole.

Source: the rules of the oracle. Hypothesis makes the sequences, and shrinks the first one that
differs to the shortest. Run by ``scicat-harness explore``.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Flaky

from scicat_harness.fixtures.blueprints.names import EFFECTS
from scicat_harness.judge.failure import CheckFailed
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.trial import Trial
from scicat_harness.model.outcome import Verdict
from scicat_harness.scenarios.explore.playing import play
from scicat_harness.scenarios.explore.steps import Step
from scicat_harness.scenarios.explore.strategies import (
    PLAIN,
    WITH_EFFECTS,
    JobTypes,
    sequences,
)

_BATCH = 500


@dataclass(slots=True)
class Attempt:
    """A sequence that differs, with the requests that show it."""

    steps: list[Step]
    trial: Trial
    failed: CheckFailed


@dataclass(slots=True)
class Explored:
    """What was played so far: the number of sequences and requests, and the rules they showed."""

    trial: Trial
    types: JobTypes
    sequences: int = 0
    requests: int = 0
    rules: dict[str, None] = field(default_factory=dict)

    def attempt(self, steps: list[Step]) -> Attempt | None:
        """Play a sequence by requests of its own; return it if it differs."""
        own = Trial(self.trial.context, self.trial.key, at_once=True)
        self.sequences += 1
        try:
            play(own, steps)
        except CheckFailed as failed:
            return Attempt(steps, own, failed)
        self.requests += len(own.outcomes)
        for each in own.outcomes:
            if each.judgement is not None:
                self.rules.update(dict.fromkeys(each.judgement.rules))
        return None

    def record(self) -> CheckRecord:
        """Return the record of sequences that were all as predicted."""
        return CheckRecord(
            case=self.trial.key,
            operation="explore",
            api="",
            identity="",
            job_type="",
            verdict=Verdict.PASSED,
            rules=tuple(self.rules),
            reason=f"{self.sequences} sequences, {self.requests} requests as predicted",
        )


def shortened(explored: Explored, found: Attempt) -> Attempt:
    """Leave out every step without which the sequence still differs.

    Hypothesis makes the steps simple, but gives up before it has tried to leave out each of them.
    """
    for index in reversed(range(len(found.steps))):
        shorter = explored.attempt(found.steps[:index] + found.steps[index + 1 :])
        found = shorter or found
    return found


def first_differing(explored: Explored, seed: int, examples: int, end: float) -> Attempt | None:
    """Play so many sequences of a seed, as long as there is time; return one that differs."""
    differing: list[Attempt] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(sequences(explored.types))
    def holds(steps: list[Step]) -> None:
        # Once one differs, the time is for making it simpler.
        if not differing and time.monotonic() > end:
            return
        found = explored.attempt(steps)
        if found is not None:
            differing.append(found)
            raise found.failed

    try:
        holds()
    # Flaky: it differed once, and not again, as two requests at once may.
    except (CheckFailed, Flaky):
        return shortened(explored, differing[-1])
    return None


def explore(trial: Trial, types: JobTypes, option: argparse.Namespace) -> None:
    """Play sequences until the time or the number of this half is used up."""
    end = time.monotonic() + option.explore_seconds / 2
    left, seed = -(-option.explore_examples // 2), option.explore_seed
    explored = Explored(trial, types)
    # In batches: Hypothesis remembers every example of a run.
    while left > 0 and time.monotonic() < end:
        found = first_differing(explored, seed, min(left, _BATCH), end)
        if found is not None:
            # The check is that of its requests.
            trial.outcomes = found.trial.outcomes
            raise found.failed
        left, seed = left - _BATCH, seed + 1
    trial.overrule(explored.record())


def test_sequences(trial: Trial, pytestconfig: pytest.Config) -> None:
    """No sequence leads to anything that the oracle does not predict."""
    explore(trial, PLAIN, pytestconfig.option)


@pytest.mark.site(EFFECTS)
def test_effects(trial: Trial, pytestconfig: pytest.Config) -> None:
    """No sequence has an effect that the oracle does not predict, and none is missing."""
    explore(trial, WITH_EFFECTS, pytestconfig.option)
