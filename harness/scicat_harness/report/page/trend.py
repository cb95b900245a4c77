"""Trends: a run and the runs before it, with the cases that changed their verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scicat_harness.model.outcome import Verdict
from scicat_harness.report.diff.extent import Entry, ledger_changes
from scicat_harness.report.stored.run import RunReport

__all__ = ["TrendStep", "Turn", "trend"]

_MOST_CASES = 100
"""Cases that are named per turn."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Cases whose verdict changed from ``was`` to ``now``; ``shown`` are the first of them."""

    was: str
    now: str
    cases: int
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrendStep:
    """One run and its changes since the one before; the first run has none.

    ``came`` and ``went`` are known deviations. ``unlike`` are sentences on options that differ,
    for which alone verdicts may change.
    """

    report: RunReport
    turns: tuple[Turn, ...] = ()
    came: tuple[Entry, ...] = ()
    went: tuple[Entry, ...] = ()
    unlike: tuple[str, ...] = ()
    first: bool = False

    @property
    def shares(self) -> list[tuple[str, int, float]]:
        """Verdict, number of checks, and percentage of all checks, without verdicts of no check."""
        counts, total = self.report.summary.counts, self.report.summary.checks or 1
        # With two decimals, since one check of 9,000 is 0.01 %.
        return [
            (str(verdict), counts[verdict], round(100 * counts[verdict] / total, 2))
            for verdict in Verdict
            if counts[verdict]
        ]


def trend(runs: Sequence[RunReport]) -> list[TrendStep]:
    """Return one step per run, in the order given: the earliest first."""
    steps = [TrendStep(run, first=True) for run in runs[:1]]
    for was, now in pairwise(runs):
        # Each run is compared with the one before it, not with the first.
        came, went = ledger_changes(now, was), ledger_changes(was, now)
        steps.append(
            TrendStep(
                now,
                tuple(_turns(was, now)),
                _common(came),
                _common(went),
                unlike=tuple(_unlike(was, now)),
            )
        )
    return steps


def _unlike(was: RunReport, now: RunReport) -> Iterator[str]:
    # The option --expect is called reading in reports.
    for name, spoken in (("profile", "profile"), ("expect", "reading")):
        before, after = getattr(was.summary, name), getattr(now.summary, name)
        if before != after:
            yield f"The {spoken} differs from the run before: {after} instead of {before}."


def _common(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries with cases of both runs; others did not come or go."""
    return tuple(each for each in entries if each.common)


def _turns(was: RunReport, now: RunReport) -> list[Turn]:
    found: dict[tuple[str, str], list[str]] = {}
    for case, record in now.records.items():
        # A case that only one of the runs has did not change its verdict.
        before = was.records.get(case)
        if before is not None and before.verdict != record.verdict:
            found.setdefault((before.verdict, record.verdict), []).append(case)
    counted = Counter({pair: len(cases) for pair, cases in found.items()})
    return [
        Turn(*pair, cases, tuple(sorted(found[pair])[:_MOST_CASES]))
        for pair, cases in counted.most_common()
    ]
