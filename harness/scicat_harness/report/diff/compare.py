"""Comparison of two runs, case by case, by what was observed.

Verdicts are not compared first: two runs that both passed may differ, since each release is judged
by its own rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from scicat_harness.judge.record import CheckRecord, RequestRecord
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.report.diff.change import Change, ChangeKind, Manner
from scicat_harness.report.diff.effects import comparable_effects, effect_changes, is_stored
from scicat_harness.report.stored.run import RunReport

__all__ = ["Comparison", "compare"]

_JUDGED = frozenset({Verdict.PASSED, Verdict.DEVIATING, Verdict.ACCEPTED, Verdict.FAILED})
_START = "start"


@dataclass(slots=True)
class Comparison:
    """The changes between two runs, and how much could be compared.

    ``cases`` and ``requests`` are numbers of what was compared.
    """

    changes: list[Change] = field(default_factory=list)
    cases: int = 0
    requests: int = 0
    effects: int = 0
    """Number of requests whose effects both runs recorded."""
    effects_of_one: int = 0
    """Number of requests whose effects only one run recorded."""
    unpaired: int = 0
    """Number of requests that only one run made, in cases of both."""
    operations: set[str] = field(default_factory=set)
    """The operations of the requests."""
    channels: set[str] = field(default_factory=set)
    """The channels of the effects that both runs recorded."""
    undecided: Counter[str] = field(default_factory=Counter)
    """Number of cases without a verdict, by run ("a" or "b")."""


def compare(a: RunReport, b: RunReport) -> Comparison:
    """Compare the cases that both runs judged.

    Data that only one run has is counted and is never a change: a run that did not look at effects
    has not lost them.
    """
    found = Comparison()
    # Runs of older versions recorded one request of a check only.
    whole = a.whole and b.whole
    for case, was in a.records.items():
        now = b.records.get(case)
        if now is None:
            continue
        for run, record in (("a", was), ("b", now)):
            found.undecided[run] += record.verdict == Verdict.UNKNOWN
        if was.verdict in _JUDGED and now.verdict in _JUDGED:
            found.cases += 1
            before, after = _requests(a, was, whole=whole), _requests(b, now, whole=whole)
            changes = _request_changes(case, before, after, found)
            # A verdict that turned follows from a change that is already listed.
            found.changes += changes or _verdict_change(was, now, before[-1], after[-1])
    return found


def _requests(run: RunReport, record: CheckRecord, *, whole: bool) -> Sequence[RequestRecord]:
    """Return the requests of a check; only the last one unless both runs recorded all."""
    if whole and record.case in run.requests:
        return run.requests[record.case]
    # The record itself stands for its last request, without effects.
    return [
        RequestRecord(
            operation=record.operation,
            api=record.api,
            identity=record.identity,
            job_type=record.job_type,
            status=record.status,
            observed=record.observed,
            rule=record.deciding,
        )
    ]


def _request_changes(
    case: str, before: Sequence[RequestRecord], after: Sequence[RequestRecord], found: Comparison
) -> list[Change]:
    """Return the changes, request by request, and add to the numbers of ``found``."""
    changes: list[Change] = []
    paired = 0
    for was, now in zip(before, after, strict=False):
        # After the first request that differs in kind, later ones do not correspond either.
        if _kind_of(was) != _kind_of(now):
            break
        paired += 1
        found.requests += 1
        found.operations.add(now.operation)
        if comparable_effects(was, now):
            found.effects += 1
            effects = (*(was.effects or ()), *(now.effects or ()))
            found.channels.update(str(each["channel"]) for each in effects)
        found.effects_of_one += (was.effects is None) != (now.effects is None)
        changes += _changes(case, paired, was, now)
    found.unpaired += len(before) + len(after) - 2 * paired
    return changes


def _kind_of(request: RequestRecord) -> tuple[str, ...]:
    return request.operation, request.api, request.identity, request.job_type


def _changes(case: str, number: int, was: RequestRecord, now: RequestRecord) -> Iterator[Change]:
    # A start has no status; whether it succeeds is no matter of permissions.
    if was.operation == _START:
        if was.observed != now.observed:
            yield Change(ChangeKind.START, case, number, was, now)
        return
    if was.observed != now.observed:
        opened = _is_opened(was, now)
        yield Change(ChangeKind.AUTHORIZATION, case, number, was, now, permissive=opened)
    elif was.status != now.status:
        yield Change(ChangeKind.STATUS, case, number, was, now)
    for effect in effect_changes(was, now):
        # A refused request that has an effect now does what its refusal must prevent.
        leaks = effect.manner is Manner.CAME and _is_refused(was, now)
        yield Change(ChangeKind.EFFECT, case, number, was, now, permissive=leaks, effect=effect)


def _is_opened(was: RequestRecord, now: RequestRecord) -> bool:
    """Return whether a request that was refused is allowed now.

    A request that crashed the backend (5xx, or status 0 for no reply) was not refused. Neither was
    one that failed in an action after the job was stored (specification: actions.failures).
    """
    # Allowed is by observed outcome, not by status: a list that shows another's job answers 200.
    refused = 0 < was.status < 500 and not is_stored(was)
    return now.observed == Decision.ALLOW and refused


def _is_refused(was: RequestRecord, now: RequestRecord) -> bool:
    """Return whether a request is refused now, so that it must not have effects.

    A request that failed in an action after the job was stored is not refused, if that happened in
    both runs.
    """
    return now.observed != Decision.ALLOW and not (is_stored(was) and is_stored(now))


def _verdict_change(
    was: CheckRecord, now: CheckRecord, old: RequestRecord, new: RequestRecord
) -> list[Change]:
    """Return the change of a verdict by what is not compared, such as the content of a reply."""
    verdicts = (was.verdict, now.verdict)
    if Verdict.FAILED not in verdicts or was.verdict == now.verdict:
        return []
    # A passed check has no reason, so this is the one of the failure.
    reason = now.reason or was.reason
    judged = now if now.verdict == Verdict.FAILED else was
    kind = ChangeKind.VERDICT
    return [Change(kind, was.case, 1, old, new, verdicts=verdicts, reason=reason, judged=judged)]
