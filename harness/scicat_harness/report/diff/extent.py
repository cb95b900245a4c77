"""What only one of two runs can tell: its cases, rules and known deviations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.stored.run import RunReport
from scicat_harness.report.summary import module_of

__all__ = ["Entry", "OnlyIn", "ledger_changes", "only_in"]


@dataclass(frozen=True, slots=True)
class OnlyIn:
    """What one run judged and the other did not.

    ``modules``: cases that the other does not have, by scenario module; ``reasons``: cases that
    were not verifiable in the other, by the reason it gave; ``rules``: of its release and reading.
    """

    version: str
    modules: Mapping[str, int]
    reasons: Mapping[str, int]
    rules: tuple[str, ...]
    example: str = ""

    @property
    def cases(self) -> int:
        """How many cases."""
        return sum(self.modules.values()) + sum(self.reasons.values())

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "version": self.version,
            "cases": self.cases,
            "not_there": dict(self.modules),
            "not_verifiable_in_the_other": dict(self.reasons),
            "example": self.example,
            "rules": list(self.rules),
        }


def only_in(this: RunReport, other: RunReport) -> OnlyIn:
    """What ``this`` run tells and the ``other`` does not."""
    modules: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    missing = []
    for case, record in this.records.items():
        if record.verdict == Verdict.NOT_VERIFIABLE:
            continue
        there = other.records.get(case)
        if there is None:
            modules[module_of(case)] += 1
            missing.append(case)
        elif there.verdict == Verdict.NOT_VERIFIABLE:
            reasons[there.reason] += 1
    rules = this.summary.rules_total - other.summary.rules_total
    return OnlyIn(
        version=this.version,
        modules=dict(sorted(modules.items())),
        reasons=dict(sorted(reasons.items())),
        rules=tuple(sorted(rules)),
        example=min(missing, key=lambda case: (len(case), case), default=""),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A known deviation that only one run shows; ``common`` of its cases the other judged, too.

    Where that is none, the other run did not look: nothing came or went.
    """

    id: str
    cases: int
    common: int
    example: str

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "id": self.id,
            "cases": self.cases,
            "cases_of_both": self.common,
            "example": self.example,
        }


def ledger_changes(this: RunReport, other: RunReport) -> tuple[Entry, ...]:
    """The known deviations that show in ``this`` run and not in the ``other``."""
    shown, elsewhere = _by_entry(this.records.values()), _by_entry(other.records.values())
    judged = {case for case, each in other.records.items() if _is_judged(each)}
    return tuple(
        _entry(name, cases, judged)
        for name, cases in sorted(shown.items())
        if name not in elsewhere
    )


def _by_entry(records: Iterable[CheckRecord]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in records:
        for name in record.deviations:
            found.setdefault(name, []).append(record.case)
    return found


def _entry(name: str, cases: list[str], judged: Collection[str]) -> Entry:
    common = [case for case in cases if case in judged]
    example = min(common or cases, key=lambda case: (len(case), case))
    return Entry(name, len(cases), len(common), example)


def _is_judged(record: CheckRecord) -> bool:
    return record.verdict not in (Verdict.NOT_VERIFIABLE, Verdict.UNKNOWN)
