"""The judge: compares an expectation with an observation and returns a judgement.

It takes data and returns data, and judges requests of a live run, requests of a stored run and
starts of a backend alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from scicat_harness.judge.effects import effect_differences
from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.stored import kept_differences, shown_differences, stored_differences
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
_RUN = re.compile(r"harness-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Expected:
    """The expectation that a request is judged against.

    ``promised`` is the documented expectation where the release is known to deviate from it;
    ``against`` is then the observed one. ``entry`` is the ledger entry that a hand-written check
    is to show.
    """

    against: Expectation
    promised: Expectation | None = None
    entry: str = ""


def judge(
    expected: Expected, observation: Observation, ledger: Ledger, release: Release
) -> Judgement:
    """Judge the observation of a request.

    * passed: nothing differs from what is expected
    * deviating: nothing differs from behaviour that is known to deviate from the documentation,
      and a ledger entry covers it
    * failed: otherwise, also where a known deviation no longer happens, whose entry must be closed
    """
    against, promised = expected.against, expected.promised
    found = list(differences(against, observation))
    entry = "" if promised is None else _entry(expected, promised, ledger, release)
    # A hand-written expectation may be loose enough to match both readings; so what it promises
    # must be refuted even where nothing differs.
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
    against = expected.against
    # The same rule may decide both with other results, because of a rule before it: an error action
    # of another case of a switch, for example.
    apart = [each for each in reversed(against.rules) if each not in promised.rules]
    for rule in (against.deciding, *apart):
        if found := ledger.explaining(rule, promised.deciding, release):
            return found.id
    return ""


def differences(expectation: Expectation, observation: Observation) -> Iterator[Difference]:
    """Yield the differences between an observation and its expectation.

    They come in stages, reply first, then its document, then stored job and effects; a stage with
    differences ends the comparison. Parts that were not observed (None) do not differ. Findings,
    which no expectation allows, come in addition.
    """
    # Another reply explains whatever else is different, so only the first stage is reported.
    yield from observation.findings
    yield from (
        list(reply_differences(expectation, observation))
        or list(_shown_differences(expectation, observation))
        or _left_differences(expectation, observation)
    )


def reply_differences(expectation: Expectation, observation: Observation) -> Iterator[Difference]:
    """Yield differences in status and message.

    A recorded observation has no message; its outcome class is compared instead.
    """
    if observation.status != expectation.status:
        yield Difference("status", expectation.status, observation.status)
    elif observation.recorded:
        # ``visible`` is compared for lists, in the next stage.
        if observation.visible is None and observation.decision != expectation.decision:
            yield Difference("decision", expectation.decision, observation.decision)
    elif expectation.message is not None:
        # The message of an error action may quote the request.
        values = {"token": observation.correlation}
        # The name of the run begins the correlation: a message may quote the pid of a dataset.
        run = _RUN.match(observation.correlation)
        if run is not None:
            values["run"] = run[0]
        pattern = expectation.message
        for name, value in values.items():
            pattern = pattern.replace(f"${{{name}}}", value).replace(f"${name}", value)
        message = observation.message
        if message is None or re.fullmatch(pattern, message, re.DOTALL) is None:
            yield Difference("message", expectation.message, message)


def _shown_differences(expectation: Expectation, observation: Observation) -> Iterable[Difference]:
    """Return differences in what the reply shows, and in whether a deleted job is gone."""
    for name in ("visible", "exists"):
        wanted, found = getattr(expectation, name), getattr(observation, name)
        if wanted is not None and found is not None and wanted != found:
            yield Difference(name, wanted, found)
    if not observation.recorded:
        yield from expectation.document(observation.document)


def _left_differences(expectation: Expectation, observation: Observation) -> Iterable[Difference]:
    """Yield differences in the stored job and the effects."""
    values = observation.values
    if observation.stored is not None:
        stored = list(
            stored_differences(expectation.stored, observation.stored, values, observation.span)
        )
        yield from stored or _reply_differences_from_stored(expectation, observation)
        if expectation.keeps is not None and not observation.recorded:
            yield from kept_differences(expectation.keeps, observation.job, observation.span)
    if observation.effects is not None:
        yield from effect_differences(
            expectation.effects, observation.effects, values, recorded=observation.recorded
        )


def _reply_differences_from_stored(
    expectation: Expectation, observation: Observation
) -> Iterator[Difference]:
    """Yield the fields in which the reply differs from the stored job that it must show."""
    shown, stored = observation.document, observation.stored
    if expectation.shows is None or observation.recorded or stored is None or len(stored) != 1:
        return
    if isinstance(shown, Mapping):
        yield from (
            each.below("reply") for each in shown_differences(expectation.shows(stored[0]), shown)
        )


def observed_decision(expectation: Expectation, observation: Observation) -> Decision:
    """Return the outcome class of a request; a list that does not show a job denies it."""
    if observation.visible is not None and 200 <= observation.status < 300:
        return Decision.ALLOW if observation.visible else Decision.DENY
    return reply_decision(expectation, observation)


def reply_decision(expectation: Expectation, observation: Observation) -> Decision:
    """Return the outcome class of a reply.

    A reply that is as expected has the class that is expected: before v5.2.0 a 400 may be a
    refusal, which the status alone does not show (specification: releases.v5.2).
    """
    if not any(reply_differences(expectation, observation)):
        return expectation.decision
    if 200 <= observation.status < 300:
        return Decision.ALLOW
    return Decision.DENY if observation.status in _DENIED else Decision.INVALID
