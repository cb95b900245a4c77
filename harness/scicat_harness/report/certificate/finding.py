"""Findings of a certificate: the reasons why a run does not prove that a backend conforms."""

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
"""Records that a run makes of itself, by the start of their case; they count in every level."""


class GapKind(StrEnum):
    """The kind of a finding; the values are part of the published format.

    FAILED, UNKNOWN and NOT_VERIFIABLE are verdicts of checks. NOT_RUN is a module without any
    check, LOST a selected case without a record, NARROWED an option that limits what runs,
    UNREACHED a rule that no check showed, SABOTAGED a planted defect. INTERRUPTED and UNOBSERVED
    concern the whole run. UNNAMED is data that a certificate needs and the run does not have.
    """

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
    # The value is older than the name and stays: it is part of the published format.
    UNNAMED = "untold"


@dataclass(frozen=True, slots=True)
class Gap:
    """A finding: one reason against conformance, how often it occurs, and examples.

    ``sentence`` follows the number if there are several: ``3`` ``checks failed``. ``examples`` are
    the first names, five at most.
    """

    kind: GapKind
    sentence: str
    count: int = 1
    examples: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain data in the published format."""
        return {
            "kind": str(self.kind),
            "sentence": self.sentence,
            "count": self.count,
            "examples": list(self.examples),
        }


def findings(collected: Collected, level: Level, *, ended: bool) -> list[Gap]:
    """Return all findings of a run on a level, in the order of a certificate.

    ``ended`` is False for a killed run, whose folder has no last event.
    """
    records = [each.record for each in collected.checks if in_level(each.record, level)]
    return [
        *_verdicts(records),
        *_modules(records, level),
        *_rules(records, collected, level),
        *_release(collected),
        *_extent(collected),
        *_end(collected, ended=ended),
    ]


def in_level(record: CheckRecord, level: Level) -> bool:
    """Return whether a check counts in a level."""
    own = record.case.startswith(_OWN_RECORDS)
    return own or module_of(record.case) in level.modules


def rules_of(
    records: Sequence[CheckRecord], collected: Collected, level: Level
) -> tuple[set[str], int]:
    """Return the rules of a level that no check showed, and the number of its rules.

    A rule is shown by a passed or deviating check that applies it. A rule that this version of the
    harness does not know belongs to every level, since its table is unknown.
    """
    total = {
        rule
        for rule in collected.summary.rules_total
        if rule not in RULES or RULES[rule].table in level.tables
    }
    shown = (Verdict.PASSED, Verdict.DEVIATING)
    reached = {rule for each in records if each.verdict in shown for rule in each.rules}
    return total - reached, len(total)


def _verdicts(records: Sequence[CheckRecord]) -> Iterator[Gap]:
    for kind, sentence in (
        (GapKind.FAILED, "checks failed"),
        (GapKind.UNKNOWN, "checks ended without a verdict"),
        (GapKind.NOT_VERIFIABLE, "checks could not be verified here"),
    ):
        # The values of these kinds are those of the verdicts.
        cases = [each.case for each in records if each.verdict == kind.value]
        if cases:
            yield _of(kind, sentence, cases)
    nameless = [
        each.case for each in records if each.verdict == Verdict.DEVIATING and not each.ledger
    ]
    if nameless:
        yield _of(GapKind.UNNAMED, "checks deviate without naming an entry of the ledger", nameless)


def _modules(records: Sequence[CheckRecord], level: Level) -> Iterator[Gap]:
    missing = level.modules - {module_of(each.case) for each in records}
    if missing:
        yield _of(GapKind.NOT_RUN, "scenario modules of the level did not run", sorted(missing))


def _rules(records: Sequence[CheckRecord], collected: Collected, level: Level) -> Iterator[Gap]:
    unreached, total = rules_of(records, collected, level)
    if unreached:
        sentence = f"of {total} rules of the level were not shown by any check"
        yield _of(GapKind.UNREACHED, sentence, sorted(unreached))
    # Without rules there is nothing to reach, and nothing that conformance could mean.
    if not total:
        yield Gap(GapKind.UNNAMED, "the run does not name the rules that it was judged by")


def _release(collected: Collected) -> Iterator[Gap]:
    """Rules that were never observed on a release prove nothing about it."""
    if collected.summary.unobserved:
        yield Gap(GapKind.UNOBSERVED, collected.summary.unobserved)


def _extent(collected: Collected) -> Iterator[Gap]:
    """Yield findings on the extent of the run: options that limit it, defects, and lost cases."""
    narrowed = collected.started.get("narrowed")
    # None is a run of an older version; a run without restrictions has an empty list.
    if narrowed is None:
        yield Gap(
            GapKind.UNNAMED,
            "the run does not say whether options narrowed it: it was made by an earlier version "
            "of the harness; run it again",
        )
    elif narrowed:
        yield _of(
            GapKind.NARROWED, "restrictions narrowed the run", [str(each) for each in narrowed]
        )
    if collected.started.get("defect"):
        yield _of(GapKind.SABOTAGED, "defect was planted", [str(collected.started["defect"])])
    selected = collected.finished.get("collected")
    if selected is None:
        yield Gap(GapKind.UNNAMED, "the run does not give the number of its cases; run it again")
        return
    # A case may be recorded twice, as when its teardown fails; here it counts once.
    cases = {each.record.case for each in collected.checks}
    # Records that a run makes of itself are not among the collected cases.
    made = sum(not case.startswith(_OWN_RECORDS) for case in cases)
    if made < selected:
        count = selected - made
        yield Gap(GapKind.LOST, "selected cases have no record", count)


def _end(collected: Collected, *, ended: bool) -> Iterator[Gap]:
    if not ended:
        yield Gap(GapKind.INTERRUPTED, "the run was killed: its folder has no last event")
    elif collected.summary.interrupted:
        yield Gap(GapKind.INTERRUPTED, "the run was interrupted before its end")


def _of(kind: GapKind, sentence: str, names: Sequence[str]) -> Gap:
    return Gap(kind, sentence, len(names), tuple(names[:_MOST_EXAMPLES]))
