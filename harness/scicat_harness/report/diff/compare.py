"""Comparison of two runs, case by case, by what was observed."""

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

_JUDGED = frozenset({Verdict.PASSED, Verdict.DEVIATING, Verdict.FAILED})
_START = "start"


@dataclass(slots=True)
class Comparison:
    """What changed, and how much could be compared."""

    changes: list[Change] = field(default_factory=list)
    cases: int = 0
    requests: int = 0
    effects: int = 0
    """Requests whose effects both runs tell."""
    effects_of_one: int = 0
    """Requests whose effects only one of them tells."""
    unpaired: int = 0
    """Requests that only one run made, in a case of both."""
    undecided: Counter[str] = field(default_factory=Counter)
    """Cases that one of the runs could not judge, by run ("a" or "b")."""


def compare(a: RunReport, b: RunReport) -> Comparison:
    """Compare the cases that both runs judged; what only one can tell is counted, no change."""
    found = Comparison()
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
            found.changes += changes or _verdict_change(was, now, before[-1], after[-1])
    return found


def _requests(run: RunReport, record: CheckRecord, *, whole: bool) -> Sequence[RequestRecord]:
    """The requests of a check; the last one alone where not both runs tell of all."""
    if whole and record.case in run.requests:
        return run.requests[record.case]
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
    """What changed, request by request, as long as both runs ask for the same."""
    changes: list[Change] = []
    paired = 0
    for was, now in zip(before, after, strict=False):
        if _asked(was) != _asked(now):
            break
        paired += 1
        found.requests += 1
        found.effects += comparable_effects(was, now)
        found.effects_of_one += (was.effects is None) != (now.effects is None)
        changes += _changes(case, paired, was, now)
    found.unpaired += len(before) + len(after) - 2 * paired
    return changes


def _asked(request: RequestRecord) -> tuple[str, ...]:
    return request.operation, request.api, request.identity, request.job_type


def _changes(case: str, number: int, was: RequestRecord, now: RequestRecord) -> Iterator[Change]:
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
        leaks = effect.manner is Manner.CAME and _is_refused(was, now)
        yield Change(ChangeKind.EFFECT, case, number, was, now, permissive=leaks, effect=effect)


def _is_opened(was: RequestRecord, now: RequestRecord) -> bool:
    """Whether a refused request is allowed now.

    A request that crashed the backend (5xx, or no reply) was not refused, nor was one that an
    action failed after the job was stored.
    """
    refused = 0 < was.status < 500 and not is_stored(was)
    return now.observed == Decision.ALLOW and refused


def _is_refused(was: RequestRecord, now: RequestRecord) -> bool:
    """Whether a request is refused now, so that it should leave nothing.

    An action that fails after the job is stored refuses nothing, if that is as it was.
    """
    return now.observed != Decision.ALLOW and not (is_stored(was) and is_stored(now))


def _verdict_change(
    was: CheckRecord, now: CheckRecord, old: RequestRecord, new: RequestRecord
) -> list[Change]:
    """A failure that shows in nothing that is compared, such as the content of a reply."""
    verdicts = (was.verdict, now.verdict)
    if Verdict.FAILED not in verdicts or was.verdict == now.verdict:
        return []
    reason = now.reason or was.reason
    return [Change(ChangeKind.VERDICT, was.case, 1, old, new, verdicts=verdicts, reason=reason)]
