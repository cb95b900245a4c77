"""Collected events: everything that a page or a certificate needs of a run, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.report.summary import Summary

__all__ = ["WITH_DETAILS", "CheckReport", "Collected"]

WITH_DETAILS = frozenset({Verdict.FAILED, Verdict.UNKNOWN, Verdict.DEVIATING, Verdict.ACCEPTED})
"""Verdicts of checks that are shown with all details."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """One check with its duration and story.

    ``seconds`` is the duration, ``story`` the explanation of a failure as text.
    """

    record: CheckRecord
    seconds: float
    story: str
    parts: Sequence[Sequence[str]] = ()
    """The story as pairs of name and text; empty for runs of older versions."""

    @property
    def opened(self) -> bool:
        """True if SciCat allowed a request that must be denied."""
        failed = self.record.verdict == Verdict.FAILED
        allowed = self.record.observed == Decision.ALLOW
        return failed and allowed and self.record.expected == Decision.DENY


@dataclass(slots=True)
class Collected:
    """A consumer that keeps the events of a run.

    Of passed and not verifiable checks the single requests are dropped: a standard run has some
    9,000 checks, and the page shows one line for each of these.
    """

    summary: Summary = field(default_factory=Summary)
    started: Mapping[str, Any] = field(default_factory=dict)
    finished: Mapping[str, Any] = field(default_factory=dict)
    checks: list[CheckReport] = field(default_factory=list)

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        """Add one event."""
        self.summary.take(kind, data)
        if kind == "started":
            self.started = data
        elif kind == "finished":
            self.finished = data
        elif kind == "check":
            record = CheckRecord.from_json(data["record"])
            # ``seen`` is the largest part of a record by far.
            if record.verdict not in WITH_DETAILS:
                record = replace(record, seen=())
            self.checks.append(
                CheckReport(
                    record, data.get("seconds", 0.0), data.get("story", ""), data.get("parts", ())
                )
            )

    def of(self, *verdicts: Verdict) -> Sequence[CheckReport]:
        """Return the checks with these verdicts, in the order in which they ran."""
        return [each for each in self.checks if each.record.verdict in verdicts]
