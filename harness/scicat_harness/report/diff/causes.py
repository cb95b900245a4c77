"""What changed from one run to another, in the groups and the order of the causes of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from scicat_harness.judge.record import CheckRecord, RequestRecord
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.report.causes import RANK, Cause, Kind, cause_of, grouped
from scicat_harness.report.diff.change import Change, ChangeKind
from scicat_harness.report.diff.lines import Line, described

__all__ = ["NAMES", "change_causes", "line_of"]

NAMES: Mapping[Kind, str] = {
    **{kind: str(kind) for kind in Kind},
    Kind.REFUSED: "refused now",
    Kind.FIXED: "fails no longer",
}
"""The words for the kinds of causes; what was promised does not matter to two observations."""
_VERDICT = "verdict"
# Differences from what was promised; both runs observed the same.
_OUTCOMES = ("status", "visible")
_BAD = (Kind.PERMISSIVE, Kind.AFTER_REFUSAL)
_CRASHED = 500


def change_causes(lines: Iterable[Line]) -> list[Cause]:
    """Return the changes of some lines as causes, worst first, then by the number of cases.

    A case with several changes is in the cause of the worst.
    """
    worst: dict[str, Cause] = {}
    for change in (each for line in lines for each in line.changes):
        found = _cause(change)
        before = worst.setdefault(change.case, found)
        if RANK[found.kind] < RANK[before.kind]:
            worst[change.case] = found
    return grouped(list(worst.values()))


def line_of(cause: Cause) -> str:
    """Return such a cause in one line, without kind and count."""
    return cause.line(was="before", now="now")


def _cause(change: Change) -> Cause:
    request = change.now
    if change.judged is not None:
        return _judged_otherwise(change, change.judged)
    was, now, _ = described(change)
    effect = change.effect is not None
    outcome = _outcome(request)
    return Cause(
        kind=_kind(change),
        operation=request.operation,
        apis=(request.api,) if request.api else (),
        identities=(request.identity,) if request.identity else (),
        # An effect is a difference of one outcome.
        expected={outcome if effect else _outcome(change.was): 1},
        observed=outcome,
        paths=(f"{was}, which {now}",) if effect else (),
        rules=(request.rule,) if request.rule else (),
        cases=(change.case,),
        # Nobody asks for a start.
        reason=""
        if request.identity
        else f"{change.case.rpartition('::')[2]} {was} before, {now} now",
    )


def _judged_otherwise(change: Change, failed: CheckRecord) -> Cause:
    """Return the cause of a verdict that changed, though both runs observed the same outcome.

    What differs is named as in the run that failed, but for the outcome. A secret in a reply, or a
    job that a refused request stored, is as bad as it was there.
    """
    found = cause_of(failed)
    outcome = _outcome(change.now)
    paths = tuple(each for each in found.paths if each.split(".")[-1] not in _OUTCOMES)
    kind = found.kind if found.kind in _BAD and paths == found.paths else Kind.REPLY
    return replace(
        found,
        kind=Kind.FIXED if change.verdicts[0] == Verdict.FAILED else kind,
        expected={outcome: 1},
        observed=outcome,
        paths=paths or (_VERDICT,),
        entry="",
    )


def _kind(change: Change) -> Kind:
    if change.kind is ChangeKind.EFFECT:
        return Kind.AFTER_REFUSAL if change.permissive else Kind.EFFECTS
    if change.permissive:
        return Kind.PERMISSIVE
    if change.now.status >= _CRASHED > change.was.status:
        return Kind.CRASH
    if change.was.observed == Decision.ALLOW != change.now.observed and change.now.identity:
        return Kind.REFUSED
    return Kind.REPLY


def _outcome(request: RequestRecord) -> str:
    return f"{request.status or 'no reply'} {request.observed}".strip()
