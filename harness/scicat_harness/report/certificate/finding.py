"""Findings: each reason why a run does not prove that a backend conforms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.certificate.level import Level
from scicat_harness.report.page.collected import Collected
from scicat_harness.report.rules import RULES
from scicat_harness.report.summary import module_of

__all__ = ["Gap", "GapKind", "findings", "rules_of"]

_MOST_EXAMPLES = 5
_OWN_RECORDS = ("audit::", "effects::", "ledger::")
"""What a run notes of itself counts in every level."""


class GapKind(StrEnum):
    """What is the matter."""

    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_VERIFIABLE = "not_verifiable"
    NOT_RUN = "not_run"
    LOST = "lost"
    NARROWED = "narrowed"
    INTERRUPTED = "interrupted"
    UNREACHED = "unreached"
    SABOTAGED = "sabotaged"
    UNOBSERVED = "unobserved"
    UNNAMED = "untold"


@dataclass(frozen=True, slots=True)
class Gap:
    """One kind of thing that is the matter, how often, and the first of them by name."""

    kind: GapKind
    sentence: str
    count: int = 1
    examples: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "kind": str(self.kind),
            "sentence": self.sentence,
            "count": self.count,
            "examples": list(self.examples),
        }


def findings(told: Collected, level: Level, *, ended: bool) -> list[Gap]:
    """Everything that keeps a run from proving conformance; ``ended``: it wrote its last event."""
    records = [each.record for each in told.checks if in_level(each.record, level)]
    return [
        *_verdicts(records),
        *_modules(records, level),
        *_rules(records, told, level),
        *_release(told),
        *_extent(told),
        *_end(told, ended=ended),
    ]


def in_level(record: CheckRecord, level: Level) -> bool:
    """Whether a check belongs to a level."""
    own = record.case.startswith(_OWN_RECORDS)
    return own or module_of(record.case) in level.modules


def rules_of(records: Sequence[CheckRecord], told: Collected, level: Level) -> tuple[set[str], int]:
    """The rules of the level that no check reached and showed, and how many rules it has.

    A rule that this version of the harness does not know belongs to every level.
    """
    total = {
        rule
        for rule in told.summary.rules_total
        if rule not in RULES or RULES[rule].table in level.tables
    }
    shown = (Verdict.PASSED, Verdict.DEVIATING)
    reached = {rule for each in records if each.verdict in shown for rule in each.rules}
    return total - reached, len(total)


def _verdicts(records: Sequence[CheckRecord]) -> Iterator[Gap]:
    for kind, sentence in (
        (GapKind.FAILED, "checks failed"),
        (GapKind.UNKNOWN, "checks came to no verdict"),
        (GapKind.NOT_VERIFIABLE, "checks could not be verified here"),
    ):
        cases = [each.case for each in records if each.verdict == kind.value]
        if cases:
            yield _of(kind, sentence, cases)
    nameless = [
        each.case for each in records if each.verdict == Verdict.DEVIATING and not each.ledger
    ]
    if nameless:
        yield _of(GapKind.UNNAMED, "checks deviate and name no entry of the ledger", nameless)


def _modules(records: Sequence[CheckRecord], level: Level) -> Iterator[Gap]:
    missing = level.modules - {module_of(each.case) for each in records}
    if missing:
        yield _of(GapKind.NOT_RUN, "scenario modules of the level did not run", sorted(missing))


def _rules(records: Sequence[CheckRecord], told: Collected, level: Level) -> Iterator[Gap]:
    unreached, total = rules_of(records, told, level)
    if unreached:
        sentence = f"of {total} rules of the level were not shown by any check"
        yield _of(GapKind.UNREACHED, sentence, sorted(unreached))
    if not total:
        yield Gap(GapKind.UNNAMED, "the run does not say which rules it was held against")


def _release(told: Collected) -> Iterator[Gap]:
    """Rules that nobody saw a release obey prove nothing of it."""
    if told.summary.unobserved:
        yield Gap(GapKind.UNOBSERVED, told.summary.unobserved)


def _extent(told: Collected) -> Iterator[Gap]:
    """How much of the scenarios the run was to make, and whether all of these came to a record."""
    narrowed = told.started.get("narrowed")
    if narrowed is None:
        yield Gap(
            GapKind.UNNAMED,
            "the run does not say whether it was narrowed: an earlier version of the harness made "
            "it; run it again",
        )
    elif narrowed:
        yield _of(GapKind.NARROWED, "limits were set to what ran", [str(each) for each in narrowed])
    if told.started.get("defect"):
        yield _of(GapKind.SABOTAGED, "defect was planted", [str(told.started["defect"])])
    collected = told.finished.get("collected")
    if collected is None:
        yield Gap(GapKind.UNNAMED, "the run does not say how many cases it had")
        return
    cases = {each.record.case for each in told.checks}
    made = sum(not case.startswith(_OWN_RECORDS) for case in cases)
    if made < collected:
        count = collected - made
        yield Gap(GapKind.LOST, "cases were selected, and came to no record", count)


def _end(told: Collected, *, ended: bool) -> Iterator[Gap]:
    if not ended:
        yield Gap(GapKind.INTERRUPTED, "the run was killed: its folder has no last event")
    elif told.summary.interrupted:
        yield Gap(GapKind.INTERRUPTED, "the run was ended before its time")


def _of(kind: GapKind, sentence: str, names: Sequence[str]) -> Gap:
    return Gap(kind, sentence, len(names), tuple(names[:_MOST_EXAMPLES]))
