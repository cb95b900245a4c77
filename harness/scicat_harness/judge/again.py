"""Judging again: what was observed of one request, held against predictions of today.

Compared are status, outcome class, and for a create or update what it left. Not compared is what
a record does not keep: messages, documents in replies, what only a settlement looks at. So a
check that failed is as specified now only where its reasons are among those that are compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scicat_harness.judge.desk import Expected
from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.remains import Remains
from scicat_harness.judge.sighting import Sighting
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.model.release import Release
from scicat_harness.oracle.predict import Prediction
from scicat_harness.oracle.rule import Reading

__all__ = ["Again", "Unclear", "judged_again"]

_WRITING = frozenset({"create", "update"})
_STATUS = re.compile(r"status \d+ instead of \d+")
_COMPARED: Sequence[re.Pattern[str]] = (
    _STATUS,
    *(
        re.compile(pattern)
        for pattern in (
            r"as this release is known to do, but the documentation promises .*",
            r"this is what the documentation promises: a known deviation no longer happens",
            r"ledger entry \S+ must be closed for this release",
            r"stored otherwise than specified: (ownerUser|ownerGroup|contactEmail|createdBy) is .*",
            r"refused, and yet it shows in the stored job .*",
            r"\d+ stored jobs carry this request instead of one",
        )
    ),
)
"""Reasons of failures that are looked at again in full."""


class Unclear(Exception):
    """A record does not keep what a judgement would need; the text says what."""


@dataclass(frozen=True, slots=True)
class Again:
    """The verdict of today, by which rule, and the known deviation that covers it, if any."""

    verdict: Verdict
    rule: str
    ledger: str = ""
    problems: tuple[str, ...] = ()
    effects: bool = False
    """Whether effects were looked at, apart from the stored job."""


def judged_again(
    record: CheckRecord, expected: Expected, ledger: Ledger, release: Release, run: str
) -> Again:
    """Judge the last request of a record as an outcome is judged; ``run`` is the run's name.

    Raises Unclear where nothing that is kept differs, and yet it cannot be called as specified.
    """
    sighting = Sighting.from_json(record.seen[-1])
    against = expected.against
    remains = Remains.of(record, sighting, run)

    def problems(prediction: Prediction) -> list[str]:
        found = _reply_problems(record, sighting, prediction)
        return found or (remains.problems(prediction) if remains is not None else [])

    looked = remains is not None and sighting.watched
    found = problems(against)
    deviates = _deviates(expected)
    entry = ledger.explaining(expected.observed, expected.documented, release) if deviates else None
    if found:
        if deviates and not _problems_or_unclear(problems, expected.documented):
            hint = f"; ledger entry {entry.id} must be closed for this release" if entry else ""
            found.append(f"this is what the documentation promises{hint}")
        return Again(Verdict.FAILED, against.deciding, problems=tuple(found), effects=looked)
    if deviates and entry is None:
        promised = expected.documented
        text = f"the documentation promises {promised.decision} by {promised.sentence}"
        text += ", and the ledger of known deviations has no entry for it"
        return Again(Verdict.FAILED, against.deciding, problems=(text,), effects=looked)
    _refuse_what_is_not_kept(record, sighting, against)
    if entry is not None:
        return Again(Verdict.DEVIATING, against.deciding, entry.id, effects=looked)
    return Again(Verdict.PASSED, against.deciding, effects=looked)


def _deviates(expected: Expected) -> bool:
    if expected.reading is not Reading.OBSERVED:
        return False
    return not expected.observed.same_promise(expected.documented)


def _problems_or_unclear(
    problems: Callable[[Prediction], list[str]], prediction: Prediction
) -> bool:
    try:
        return bool(problems(prediction))
    except Unclear:
        return True


def _reply_problems(record: CheckRecord, sighting: Sighting, prediction: Prediction) -> list[str]:
    """Differences in status and outcome class."""
    wanted = prediction.reply.status
    if sighting.status != wanted:
        return [f"status {sighting.status} instead of {wanted}"]
    if prediction.visible is not None and sighting.operation == "list":
        shown = sighting.observed == Decision.ALLOW
        if shown == prediction.visible:
            return []
        return [f"the job is {'shown' if shown else 'not shown'}"]
    if sighting.observed == prediction.decision:
        return []
    if record.verdict == Verdict.FAILED:
        # Nothing matched, so the class was told by the status alone.
        raise Unclear("failed then, and its status alone does not tell the outcome class")
    return [f"was {sighting.observed} by its message, instead of {prediction.decision}"]


def _refuse_what_is_not_kept(
    record: CheckRecord, sighting: Sighting, prediction: Prediction
) -> None:
    """A check of which nothing that is kept differs, but which may differ in what is not."""
    reasons = record.reason.split("; ") if record.verdict == Verdict.FAILED else []
    if not all(any(each.fullmatch(text) for each in _COMPARED) for text in reasons):
        raise Unclear("failed then by something that a record does not keep")
    if sighting.operation in _WRITING and sighting.effects is None:
        raise Unclear("as specified as far as it went; nobody looked at what it left")
    cut_short = any(_STATUS.fullmatch(text) for text in reasons)
    shows = sighting.operation == "read" and prediction.decision is Decision.ALLOW
    if cut_short and (shows or sighting.operation == "delete"):
        raise Unclear("as specified as far as it went; nobody looked further")
