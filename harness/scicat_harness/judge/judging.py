"""The judge: an expectation, an observation, and what they come to together.

It takes data and gives data, for a request of a live run, for the record of one, and for the start
of a backend alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scicat_harness.judge.effects import effect_differences
from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.stored import stored_differences
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.judgement import Judgement
from scicat_harness.model.observation import Observation
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.model.release import Release

__all__ = [
    "Expected",
    "differences",
    "judge",
    "observed_decision",
    "reply_decision",
    "reply_differences",
]

_DENIED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Expected:
    """What a request is held against.

    ``promised`` is what the documentation promises, where the release is known to do otherwise
    and is held to that. ``entry`` is the ledger entry that a hand-written check is made for.
    """

    against: Expectation
    promised: Expectation | None = None
    entry: str = ""


def judge(
    expected: Expected, observation: Observation, ledger: Ledger, release: Release
) -> Judgement:
    """Judge what was observed of a request.

    Passed where nothing differs, deviating where nothing differs from behaviour that is known to
    deviate from the documentation and a ledger entry covers it, failed otherwise. A deviation that
    does not happen any more fails, too: its entry must be closed.
    """
    against, promised = expected.against, expected.promised
    found = list(differences(against, observation))
    entry = "" if promised is None else _entry(expected, promised, ledger, release)
    if promised is not None and (found or expected.entry):
        if not any(differences(promised, observation)):
            found.append(Difference("deviation.fixed", entry or None, None))
    elif promised is not None and not entry:
        promise = f"{promised.decision} by {promised.sentence}"
        found.append(Difference("deviation.unknown", promise, None))
    judgement = Judgement(Verdict.PASSED, against.deciding, against.rules)
    if found:
        return replace(judgement, verdict=Verdict.FAILED, differences=tuple(found))
    if promised is not None:
        return replace(judgement, verdict=Verdict.DEVIATING, deviation=entry)
    return judgement


def _entry(expected: Expected, promised: Expectation, ledger: Ledger, release: Release) -> str:
    if expected.entry:
        return expected.entry
    found = ledger.explaining(expected.against.deciding, promised.deciding, release)
    return found.id if found is not None else ""


def differences(expectation: Expectation, observation: Observation) -> Iterator[Difference]:
    """In what an observation is not as expected; what nobody has looked at does not differ.

    A reply that is another one leaves no sense in looking further.
    """
    yield from (
        list(reply_differences(expectation, observation))
        or list(_shown_differences(expectation, observation))
        or _left_differences(expectation, observation)
    )


def reply_differences(expectation: Expectation, observation: Observation) -> Iterator[Difference]:
    """Differences in status and message, or in the outcome class that a record has instead."""
    if observation.status != expectation.status:
        yield Difference("status", expectation.status, observation.status)
    elif observation.recorded:
        if observation.visible is None and observation.decision != expectation.decision:
            yield Difference("decision", expectation.decision, observation.decision)
    elif expectation.message is not None:
        pattern = expectation.message.replace("$token", observation.correlation)
        message = observation.message
        if message is None or re.fullmatch(pattern, message, re.DOTALL) is None:
            yield Difference("message", expectation.message, message)


def _shown_differences(expectation: Expectation, observation: Observation) -> Iterable[Difference]:
    """What a reply shows, and whether a deleted job is gone."""
    for name in ("visible", "exists"):
        wanted, found = getattr(expectation, name), getattr(observation, name)
        if wanted is not None and found is not None and wanted != found:
            yield Difference(name, wanted, found)
    if not observation.recorded:
        yield from expectation.document(observation.document)


def _left_differences(expectation: Expectation, observation: Observation) -> Iterable[Difference]:
    """The stored job and the effects."""
    values = observation.values
    if observation.stored is not None:
        yield from stored_differences(expectation.stored, observation.stored, values)
    if observation.effects is not None:
        yield from effect_differences(
            expectation.effects, observation.effects, values, recorded=observation.recorded
        )


def observed_decision(expectation: Expectation, observation: Observation) -> Decision:
    """The outcome class of a request; a list that does not show a job denies it."""
    if observation.visible is not None and 200 <= observation.status < 300:
        return Decision.ALLOW if observation.visible else Decision.DENY
    return reply_decision(expectation, observation)


def reply_decision(expectation: Expectation, observation: Observation) -> Decision:
    """The outcome class of a reply; 400 was used for refusals too, so the expectation may tell."""
    if not any(reply_differences(expectation, observation)):
        return expectation.decision
    if 200 <= observation.status < 300:
        return Decision.ALLOW
    return Decision.DENY if observation.status in _DENIED else Decision.INVALID
