"""The Markdown summary of a run; GitHub Actions shows it as the summary of a job."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scicat_harness.model.outcome import Verdict
from scicat_harness.report.causes import Cause
from scicat_harness.report.known import (
    ProjectFacts,
    SeenDeviation,
    deviations_in_short,
    seen_deviations,
)
from scicat_harness.report.summary import Summary
from scicat_harness.report.table import LEGEND, Grid, grid

__all__ = ["MarkdownFile", "as_text", "markdown"]

_MOST_FAILURES = 50
"""Failures that are listed, those of the worst causes first; ``report.html`` has all of them."""
_MOST_OF_A_CAUSE = 5
_MOST_CAUSES = 50
_LONGEST = 300
"""Characters of a reason that are shown."""
# Text of the judged backend must not become links, headings, tables or HTML.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#|!~@&])")


def markdown(summary: Summary, known: ProjectFacts) -> str:
    """Return the summary as Markdown.

    A run names the rows and columns of its tables; one of an older version gets those that are
    ``known`` today. Empty sections are left out.
    """
    deviations = seen_deviations(known.ledger, summary.ledger)
    counts = ", ".join(f"{summary.counts[each]} {_spoken(each)}" for each in _counted(summary))
    lines = [
        f"# SciCat jobs: {summary.verdict}",
        "",
        f"Backend {summary.backend_version} ({summary.deployment}), profile {summary.profile}, "
        f"held against the {summary.expect} behaviour.",
        *([f"**{summary.unobserved}.**"] if summary.unobserved else []),
        *([f"Image `{summary.image}`, `{summary.digest}`."] if summary.image else []),
        *([f"Checkout {_code(summary.source)}."] if summary.checkout else []),
        f"{summary.checks} checks in {summary.seconds:.1f} s: {counts}. "
        f"{len(summary.rules & summary.rules_total)} of {len(summary.rules_total)} rules "
        f"exercised, {summary.requests} requests.",
        *([f"It shows {deviations_in_short(deviations)}."] if deviations else []),
        "",
    ]
    lines += _causes(summary.causes, known)
    lines += _failures(summary)
    for operation, job_types in (summary.tables or known.tables).items():
        rows = summary.identities or known.identities
        lines += _table(grid(summary, operation, rows, job_types))
    lines += _effects(summary)
    lines += _section("Known deviations seen", map(_deviation, deviations))
    lines += _section(
        "Accepted differences",
        (f"{count} checks: {_plain(why)}" for why, count in sorted(summary.accepted.items())),
    )
    lines += _section(
        "Not verifiable here",
        (f"{count} checks: {why}" for why, count in sorted(summary.not_verifiable.items())),
    )
    lines += _section("No request succeeds", map(_plain, summary.fruitless))
    lines += _section("Noticed (low severity)", map(_plain, summary.noticed))
    lines += _section("Left behind", summary.left_behind)
    lines += _section("Rules not exercised", sorted(summary.rules_total - summary.rules))
    return "\n".join(lines) + "\n"


def _deviation(seen: SeenDeviation) -> str:
    name = f"[{seen.id}]({seen.link})" if seen.link else seen.id
    severity = f", {seen.entry.severity}" if seen.entry is not None else ""
    return f"{name}{severity}: {seen.cases} checks"


def _counted(summary: Summary) -> list[Verdict]:
    """Return the verdicts that have a number: accepted only where something is."""
    return [each for each in Verdict if each is not Verdict.ACCEPTED or summary.accepted]


def _spoken(verdict: Verdict) -> str:
    return verdict.replace("_", " ")


def _causes(found: Sequence[Cause], known: ProjectFacts) -> list[str]:
    """Return the section that says what is wrong, one line for each cause, and who is who."""
    if not found:
        return []
    rows = [
        f"| {each.kind} | {len(each.cases)} | {_plain(each.line())} |"
        for each in found[:_MOST_CAUSES]
    ]
    more = len(found) - _MOST_CAUSES
    if more > 0:
        rows.append(f"| | | and {more} more, in report.html |")
    return [
        "## Causes",
        "",
        "| what | checks | who, what and by which rule |",
        "|---|---|---|",
        *rows,
        "",
        *(f"* {each}" for each in known.who(found[:_MOST_CAUSES])),
        "",
    ]


def _failures(summary: Summary) -> list[str]:
    """Return the section of single checks, in the order of their causes."""
    # A few of each: hundreds may fail in one way.
    few = (case for each in summary.causes for case in each.cases[:_MOST_OF_A_CAUSE])
    places = {case: place for place, case in enumerate(few)}
    listed = [each for each in summary.worst if each.case in places]
    listed = sorted(listed, key=lambda each: places[each.case])[:_MOST_FAILURES]
    more = len(summary.worst) - len(listed)
    shown = [f"{_code(each.case)}: {each.verdict}: {_plain(each.reason)}" for each in listed]
    if more > 0:
        shown.append(f"and {more} more, in report.html")
    return _section("Failed or unknown", shown)


def _plain(text: str) -> str:
    """Return text of a backend as Markdown that shows it as it is, on one line."""
    line = " ".join(text.split())
    return as_text(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}...")


def as_text(line: str) -> str:
    """Return a line with its markup escaped, so that it is shown as it is."""
    return _MARKUP.sub(r"\\\1", line)


def _code(text: str) -> str:
    """Return a code span; one with backticks needs more of them around it."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{' '.join(text.split())}{fence}"


def _effects(summary: Summary) -> list[str]:
    """Return the section with the observed effects and the verdicts of each scenario module."""
    verdicts = _counted(summary)
    lines = ["## Scenarios", ""]
    if summary.effects or summary.silent:
        seen = ", ".join(f"{count} {channel}" for channel, count in sorted(summary.effects.items()))
        lines += [f"Effects: {seen or 'none'}; {summary.silent} checks proven silent.", ""]
    lines.append("| scenarios | " + " | ".join(map(_spoken, verdicts)) + " |")
    lines.append("|---" * (len(verdicts) + 1) + "|")
    for name, counts in sorted(summary.modules.items()):
        cells = (str(counts[each] or "") for each in verdicts)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _table(found: Grid) -> list[str]:
    if not found.rows or not found.columns:
        return []
    lines = [f"## {found.operation.capitalize()}", "", f"`{LEGEND}`", ""]
    lines.append("| identity | " + " | ".join(found.columns) + " |")
    lines.append("|---" * (len(found.columns) + 1) + "|")
    lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in found.rows]
    return [*lines, ""]


def _section(title: str, entries: Iterable[str]) -> list[str]:
    found = [f"* {each}" for each in entries]
    return [f"## {title}", "", *found, ""] if found else []


class MarkdownFile:
    """A consumer that writes ``summary.md`` when the run has finished.

    It has to come after ``summary`` in the list of consumers.
    """

    def __init__(self, path: Path, summary: Summary, known: ProjectFacts) -> None:
        self._path = path
        self._summary = summary
        self._known = known

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        """Write the file at the last event."""
        del data
        if kind != "finished":
            return
        text = markdown(self._summary, self._known)
        # Reasons may quote half a surrogate pair, which UTF-8 cannot encode.
        self._path.write_text(text, encoding="utf-8", errors="backslashreplace")
