"""Groups of failures by deciding rule, so that a reader can survey hundreds of them.

One wrong rule of a backend fails the checks of many identities and job types.
"""

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

__all__ = ["CheckGroup", "GroupedFailure", "chosen", "groups"]

_MOST_REASONS = 5
_LONGEST = 200
"""Characters of a reason in a list."""


@dataclass(frozen=True, slots=True)
class GroupedFailure:
    """A check that failed or is unknown, with its number in the run.

    ``detail`` is None if there were too many failures to show all in full (``MOST_IN_FULL``).
    """

    number: int
    check: CheckReport
    detail: Detail | None

    @property
    def module(self) -> str:
        """The scenario module of the case."""
        return module_of(self.check.record.case)

    @property
    def name(self) -> str:
        """The name of the case within its module."""
        return name_of(self.check.record.case)

    @property
    def reason(self) -> str:
        """The reason in one line."""
        return first_line(self.check.record.reason)


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """Failures with the same verdict, failed or unknown, and the same deciding rule."""

    verdict: str
    rule: RuleText
    failures: list[GroupedFailure] = field(default_factory=list)

    @property
    def opened(self) -> int:
        """The number of failures that were allowed and must be denied."""
        return sum(each.check.opened for each in self.failures)

    @property
    def reasons(self) -> Sequence[tuple[str, int]]:
        """The most frequent reasons with their numbers, five at most."""
        counted = Counter(each.reason for each in self.failures)
        return counted.most_common(_MOST_REASONS)

    @property
    def who(self) -> Sequence[str]:
        """The names of the identities, sorted; nobody is an anonymous caller."""
        return sorted({each.check.record.identity or "nobody" for each in self.failures})

    @property
    def job_types(self) -> Sequence[str]:
        """The job types, sorted."""
        return sorted({each.check.record.job_type for each in self.failures} - {""})

    @property
    def without(self) -> int:
        """The number of failures without details."""
        return sum(each.detail is None for each in self.failures)


def groups(checks: Sequence[CheckReport], details: Mapping[int, Detail]) -> list[CheckGroup]:
    """Return the groups: failed before unknown, then those that were allowed, then the largest.

    ``details`` are by number of the check; checks without details are part of the groups, too.
    """
    found: dict[tuple[str, str], CheckGroup] = {}
    for number, check in _failed(checks):
        verdict, rule = check.record.verdict, check.record.deciding
        group = found.setdefault((verdict, rule), CheckGroup(verdict, rule_text(rule)))
        group.failures.append(GroupedFailure(number, check, details.get(number)))
    return sorted(
        found.values(),
        key=lambda each: (
            # False sorts before True, so failed comes before unknown.
            each.verdict != Verdict.FAILED,
            -each.opened,
            -len(each.failures),
            each.rule.id,
        ),
    )


def chosen(checks: Sequence[CheckReport], most: int) -> list[int]:
    """Return the numbers of at most ``most`` failures to show in full.

    Every group gets its first failure before any gets its second, so that a large group does not
    displace a small one.
    """
    seen: Counter[tuple[str, str]] = Counter()
    # The rank of a failure within its group comes first when sorting.
    ranked = []
    for number, check in _failed(checks):
        key = (check.record.verdict, check.record.deciding)
        ranked.append((seen[key], number))
        seen[key] += 1
    return [number for _, number in sorted(ranked)[:most]]


def _failed(checks: Iterable[CheckReport]) -> Iterator[tuple[int, CheckReport]]:
    verdicts = (Verdict.FAILED, Verdict.UNKNOWN)
    return ((n, each) for n, each in enumerate(checks) if each.record.verdict in verdicts)


def first_line(reason: str) -> str:
    """Return the first line of a reason, cut to 200 characters."""
    line = reason.splitlines()[0] if reason else "no reason given"
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
