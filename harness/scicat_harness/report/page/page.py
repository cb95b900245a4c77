"""The page of a run: all data that its template shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scicat_harness.model.outcome import Verdict
from scicat_harness.report.causes import Cause
from scicat_harness.report.known import ProjectFacts, SeenDeviation, seen_deviations
from scicat_harness.report.page.collected import CheckReport, Collected
from scicat_harness.report.page.detail import Detail, detail_of, tokens_in
from scicat_harness.report.page.group import CheckGroup, chosen, groups
from scicat_harness.report.page.heat import OF_JOBS, HeatMap, heat_map
from scicat_harness.report.page.rows import rows
from scicat_harness.report.page.trend import TrendStep, trend
from scicat_harness.report.rules import RuleText, rule_text
from scicat_harness.report.stored.journal import JOURNAL, read_journal
from scicat_harness.report.stored.run import RunReport
from scicat_harness.report.summary import Summary

__all__ = ["MOST_IN_FULL", "Page", "moment", "page_of"]

MOST_IN_FULL = 1000
"""Failures that are shown in full; neither browsers nor readers could handle many more."""
_EXPLAINED = (Verdict.DEVIATING, Verdict.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Page:
    """The data of the page of one run.

    ``about`` are pairs of name and value. ``unreached`` are rules that no check applied. ``steps``
    is the trend, empty without earlier runs. ``people`` says who an identity is, and ``who`` does
    so for those that the causes name. ``data`` is for the script, see ``rows``.
    """

    summary: Summary
    about: tuple[tuple[str, str], ...]
    maps: tuple[HeatMap, ...]
    causes: tuple[Cause, ...]
    groups: tuple[CheckGroup, ...]
    deviations: tuple[SeenDeviation, ...]
    unreached: tuple[RuleText, ...]
    steps: tuple[TrendStep, ...]
    people: Mapping[str, str]
    who: tuple[str, ...]
    data: dict[str, Any]

    @property
    def failures(self) -> int:
        """The number of checks that failed or are unknown."""
        counts = self.summary.counts
        return counts[Verdict.FAILED] + counts[Verdict.UNKNOWN]

    @property
    def exercised(self) -> int:
        """The number of rules of this release and reading that applied in some check."""
        return len(self.summary.rules_total) - len(self.unreached)


def page_of(
    collected: Collected, known: ProjectFacts, folder: Path, earlier: Sequence[RunReport] = ()
) -> Page:
    """Return the page of a run.

    ``folder`` is its report folder, for the journal. ``earlier`` are the runs of the trend, of
    which the last is this run.
    """
    details, damaged = _details(collected, folder)
    found = collected.summary
    # Failures are in the HTML, so that they can be read without the script; the others are data.
    in_html = {n for n in details if collected.checks[n].record.verdict not in _EXPLAINED}
    rest = {number: each for number, each in details.items() if number not in in_html}
    return Page(
        summary=found,
        about=(*_about(collected), *_about_journal(damaged)),
        maps=tuple(
            each
            for each in (
                heat_map(collected.checks, operation, found.identities or known.identities, types)
                for operation, types in {
                    **(found.tables or known.tables),
                    **_jobs_of(collected.checks),
                }.items()
            )
            # A run that was narrowed to other operations has no row.
            if each.rows
        ),
        causes=tuple(found.causes),
        groups=tuple(groups(collected.checks, details)),
        deviations=tuple(seen_deviations(known.ledger, found.ledger)),
        unreached=tuple(rule_text(each) for each in sorted(found.rules_total - found.rules)),
        steps=tuple(trend(earlier)),
        people=known.people,
        who=tuple(known.who(found.causes)),
        data=rows(collected.checks, rest),
    )


def _jobs_of(checks: Sequence[CheckReport]) -> dict[str, list[str]]:
    """Return, for each operation on stored jobs, whose jobs were tried, in order of the checks."""
    found: dict[str, dict[str, None]] = {each: {} for each in OF_JOBS}
    for check in checks:
        if check.record.job and check.record.operation in found:
            found[check.record.operation][check.record.job] = None
    return {operation: list(jobs) for operation, jobs in found.items()}


def _details(collected: Collected, folder: Path) -> tuple[dict[int, Detail], Sequence[int]]:
    """Return details by number of the check, and the damaged lines of the journal."""
    # Explained differences have a limit of their own, so that they do not displace failures.
    explained = [
        number for number, each in enumerate(collected.checks) if each.record.verdict in _EXPLAINED
    ]
    wanted = [*chosen(collected.checks, MOST_IN_FULL), *explained[:MOST_IN_FULL]]
    # The journal is read once, for the requests of all these checks together.
    tokens = {number: tokens_in(collected.checks[number]) for number in wanted}
    journal = read_journal(folder, {token for each in tokens.values() for token in each})
    details = {
        number: detail_of(
            collected.checks[number],
            [each for token in sorted(tokens[number]) for each in journal.arrivals.get(token, ())],
        )
        for number in wanted
    }
    return details, journal.damaged


def _about(collected: Collected) -> Iterator[tuple[str, str]]:
    """Yield name and value of the facts about the run."""
    found = collected.summary
    yield "Held against release", found.backend_version
    if found.unobserved:
        yield "Not observed", found.unobserved
    yield "Deployment", found.deployment
    if found.image:
        yield "Image", found.image
        yield "Digest", found.digest or "not known"
    if found.checkout:
        yield "Checkout", found.source
    if collected.started.get("configuration"):
        yield "Configuration", str(collected.started["configuration"])
    yield "Profile", found.profile
    yield "Reading", found.expect
    if collected.started.get("narrowed"):
        yield "Narrowed by", ", ".join(str(each) for each in collected.started["narrowed"])
    if collected.started.get("defect"):
        yield "Planted defect", str(collected.started["defect"])
    yield "Run", found.run
    if collected.started.get("at"):
        yield "Started", moment(str(collected.started["at"]))
    yield "Duration", f"{found.seconds:.1f} s, {found.requests} requests"
    if found.took:
        stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in found.took.items())
        yield "Start-up", f"{sum(found.took.values()):.1f} s: {stages}"
    if found.effects or found.silent:
        sent = ", ".join(f"{count} {name}" for name, count in sorted(found.effects.items()))
        yield "Effects", f"{sent or 'none'}; {found.silent} checks proven silent"


def _about_journal(damaged: Sequence[int]) -> Iterator[tuple[str, str]]:
    if damaged:
        yield (
            "Journal",
            f"{len(damaged)} damaged lines of {JOURNAL} are left out; the first is {damaged[0]}",
        )


def moment(at: str) -> str:
    """Return an ISO 8601 time in UTC, to the second; any other text unchanged."""
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return at
    return found.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
