"""Collected: what a page keeps of the events, in full only where somebody will look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.report.summary import Summary

__all__ = ["WITH_DETAILS", "CheckReport", "Collected"]

WITH_DETAILS = frozenset({Verdict.FAILED, Verdict.UNKNOWN, Verdict.DEVIATING})
"""Verdicts of checks that are told in full."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """One check and what the run wrote about it."""

    record: CheckRecord
    seconds: float
    story: str
    parts: Sequence[Sequence[str]] = ()
    """The story in pairs of name and text; none in older runs."""

    @property
    def opened(self) -> bool:
        """Whether SciCat let something happen that is to be refused."""
        failed = self.record.verdict == Verdict.FAILED
        allowed = self.record.observed == Decision.ALLOW
        return failed and allowed and self.record.expected == Decision.DENY


@dataclass(slots=True)
class Collected:
    """A consumer of the stream; of a check that passed it keeps one line's worth."""

    summary: Summary = field(default_factory=Summary)
    started: Mapping[str, Any] = field(default_factory=dict)
    finished: Mapping[str, Any] = field(default_factory=dict)
    checks: list[CheckReport] = field(default_factory=list)

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        """Keep one event."""
        self.summary.take(kind, data)
        if kind == "started":
            self.started = data
        elif kind == "finished":
            self.finished = data
        elif kind == "check":
            record = CheckRecord.from_json(data["record"])
            if record.verdict not in WITH_DETAILS:
                record = replace(record, seen=())
            self.checks.append(
                CheckReport(
                    record, data.get("seconds", 0.0), data.get("story", ""), data.get("parts", ())
                )
            )

    def of(self, *verdicts: Verdict) -> Sequence[CheckReport]:
        """The checks of these verdicts, in the order in which they ran."""
        return [each for each in self.checks if each.record.verdict in verdicts]
