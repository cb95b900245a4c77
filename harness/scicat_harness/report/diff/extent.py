"""The extent of two runs: cases, rules and known deviations that only one of them has."""

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
    """The cases and rules of one run that the other one lacks.

    ``modules`` counts cases that the other run does not have, by scenario module; ``reasons``
    counts cases that were not verifiable in the other run, by its reason. ``rules`` are those of
    the release and reading of this run only. ``example`` is one of the cases that are missing.
    """

    version: str
    modules: Mapping[str, int]
    reasons: Mapping[str, int]
    rules: tuple[str, ...]
    example: str = ""

    @property
    def cases(self) -> int:
        """The number of cases."""
        return sum(self.modules.values()) + sum(self.reasons.values())

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "version": self.version,
            "cases": self.cases,
            "not_there": dict(self.modules),
            "not_verifiable_in_the_other": dict(self.reasons),
            "example": self.example,
            "rules": list(self.rules),
        }


def only_in(this: RunReport, other: RunReport) -> OnlyIn:
    """Return the extent of ``this`` run beyond that of the ``other``.

    Cases that ``this`` run could not verify are no part of it.
    """
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
        # The shortest name is the plainest case; the name itself decides between equals.
        example=min(missing, key=lambda case: (len(case), case), default=""),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A known deviation that only one run shows.

    ``cases`` is the number of its cases, ``common`` the number of those that the other run judged,
    too. If ``common`` is 0, the other run could not show it: the deviation did not come or go.
    """

    id: str
    cases: int
    common: int
    example: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "id": self.id,
            "cases": self.cases,
            "cases_of_both": self.common,
            "example": self.example,
        }


def ledger_changes(this: RunReport, other: RunReport) -> tuple[Entry, ...]:
    """Return the known deviations that ``this`` run shows and the ``other`` does not, by id.

    Called both ways: with the later run first it returns those that came, otherwise those that
    went.
    """
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
    # An example that both runs have can be looked up in both.
    example = min(common or cases, key=lambda case: (len(case), case))
    return Entry(name, len(cases), len(common), example)


def _is_judged(record: CheckRecord) -> bool:
    return record.verdict not in (Verdict.NOT_VERIFIABLE, Verdict.UNKNOWN)
