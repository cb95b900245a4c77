"""Groups: failures that one rule decided stand together, so that hundreds can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scicat_harness.model.outcome import Verdict
from scicat_harness.report.page.collected import CheckReport
from scicat_harness.report.page.detail import Detail
from scicat_harness.report.page.rows import name_of
from scicat_harness.report.rules import RuleText, rule_text
from scicat_harness.report.summary import module_of

__all__ = ["CheckGroup", "FailureGroup", "chosen", "groups"]

_MOST_REASONS = 5
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """A check and its number in the run; ``detail`` is None where there were too many."""

    number: int
    told: CheckReport
    detail: Detail | None

    @property
    def module(self) -> str:
        """The scenario module."""
        return module_of(self.told.record.case)

    @property
    def name(self) -> str:
        """The case within its module."""
        return name_of(self.told.record.case)

    @property
    def reason(self) -> str:
        """In one line."""
        return first_line(self.told.record.reason)


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """Failures of one verdict and deciding rule."""

    verdict: str
    rule: RuleText
    failures: list[FailureGroup] = field(default_factory=list)

    @property
    def opened(self) -> int:
        """How many of them let something happen that is to be refused."""
        return sum(each.told.opened for each in self.failures)

    @property
    def reasons(self) -> Sequence[tuple[str, int]]:
        """The most frequent ones, with their numbers."""
        counted = Counter(each.reason for each in self.failures)
        return counted.most_common(_MOST_REASONS)

    @property
    def who(self) -> Sequence[str]:
        """The identities, sorted."""
        return sorted({each.told.record.identity or "nobody" for each in self.failures})

    @property
    def job_types(self) -> Sequence[str]:
        """The job types, sorted."""
        return sorted({each.told.record.job_type for each in self.failures} - {""})

    @property
    def without(self) -> int:
        """How many have no details here."""
        return sum(each.detail is None for each in self.failures)


def groups(checks: Sequence[CheckReport], details: Mapping[int, Detail]) -> list[CheckGroup]:
    """Failed ones first, of these what let something happen; then the largest."""
    found: dict[tuple[str, str], CheckGroup] = {}
    for number, told in _failed(checks):
        verdict, rule = told.record.verdict, told.record.deciding
        group = found.setdefault((verdict, rule), CheckGroup(verdict, rule_text(rule)))
        group.failures.append(FailureGroup(number, told, details.get(number)))
    return sorted(
        found.values(),
        key=lambda each: (
            each.verdict != Verdict.FAILED,
            -each.opened,
            -len(each.failures),
            each.rule.id,
        ),
    )


def chosen(checks: Sequence[CheckReport], most: int) -> list[int]:
    """The numbers of failures to tell in full: some of every group before many of one."""
    seen: Counter[tuple[str, str]] = Counter()
    ranked = []
    for number, told in _failed(checks):
        key = (told.record.verdict, told.record.deciding)
        ranked.append((seen[key], number))
        seen[key] += 1
    return [number for _, number in sorted(ranked)[:most]]


def _failed(checks: Iterable[CheckReport]) -> Iterator[tuple[int, CheckReport]]:
    verdicts = (Verdict.FAILED, Verdict.UNKNOWN)
    return ((n, each) for n, each in enumerate(checks) if each.record.verdict in verdicts)


def first_line(reason: str) -> str:
    """The first line of a reason, short enough to stand in one."""
    line = reason.splitlines()[0] if reason else "no reason given"
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
