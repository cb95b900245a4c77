"""The result of a run on a terminal: tables, causes of failures, and counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from scicat_harness.cli.console import Console
from scicat_harness.cli.fitting import fitting
from scicat_harness.fixtures.reports import KNOWN
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.causes import Cause, Kind
from scicat_harness.report.known import deviations_in_short, seen_deviations
from scicat_harness.report.summary import Summary
from scicat_harness.report.table import LEGEND, grid, heading
from scicat_harness.secrets import redact

__all__ = ["show_causes", "show_counts", "show_people", "show_tables"]

_MOST_NOTICED = 3
_MOST_DEVIATIONS = 3
_MOST_LEFT = 3
_SHOWN_CAUSES = 12
_STYLES = {"pass": "bold green", "fail": "bold red", "unknown": "bold yellow"}


def show_tables(console: Console, summary: Summary) -> None:
    """Print which identity got what with which job type, for create and for update."""
    for operation, job_types in summary.tables.items():
        _show_table(console, summary, operation, job_types)


def show_causes(
    console: Console, found: Sequence[Cause], title: str = "what differs, worst first:"
) -> None:
    """Print what is wrong, one line for each cause, worst first."""
    if not found:
        return
    console.print(f"\n{title}")
    for each in found[:_SHOWN_CAUSES]:
        style = "green" if each.kind is Kind.FIXED else "red"
        text = f"{len(each.cases):>5}  {each.kind}: {each.line()}"
        console.print(Text(redact(text), style=style), soft_wrap=True)
    if len(found) > _SHOWN_CAUSES:
        console.print(f"       and {len(found) - _SHOWN_CAUSES} more, in summary.md")
    show_people(console, found[:_SHOWN_CAUSES])


def show_people(console: Console, named: Sequence[Cause]) -> None:
    """Print who the identities are that some causes name."""
    found = list(KNOWN.who(named))
    if found:
        console.print(Text(f"who is who: {'; '.join(found)}", style="dim"))


def show_counts(console: Console, summary: Summary) -> None:
    """Print verdict, counts, and what a reader has to know about them."""
    counts = ", ".join(
        f"{summary.counts[each]} {each.replace('_', ' ')}"
        for each in Verdict
        if summary.counts[each] or each in (Verdict.PASSED, Verdict.FAILED)
    )
    exercised = len(summary.rules & summary.rules_total)
    console.print(
        Text.assemble(
            (f"{summary.verdict}", _STYLES[summary.verdict]),
            f"  {summary.checks} checks: {counts}; {exercised} of "
            f"{len(summary.rules_total)} rules; {summary.requests} requests in "
            f"{summary.seconds:.1f} s",
        )
    )
    if summary.fixed:
        text = f"{summary.fixed} of the failed show that a known deviation is gone"
        console.print(Text(text, style="green"))
    if summary.unobserved:
        console.print(Text(summary.unobserved, style="yellow"), soft_wrap=True)
    if summary.source:
        kind = "image" if summary.image else "checkout"
        console.print(Text(f"{kind}: {summary.source}"), soft_wrap=True)
    if summary.took:
        stages = ", ".join(f"{name} {took:.1f}" for name, took in summary.took.items())
        total = sum(summary.took.values())
        console.print(Text(f"up after {total:.1f} s: {stages}"))
    if summary.effects or summary.silent:
        sent = ", ".join(f"{count} {name}" for name, count in sorted(summary.effects.items()))
        silent = f"{summary.silent} checks proven silent"
        console.print(Text(f"effects: {sent or 'none'}; {silent}"))
    if summary.ledger:
        found = seen_deviations(KNOWN.ledger, summary.ledger)
        named = ", ".join(f"{each.id} ({each.cases})" for each in found[:_MOST_DEVIATIONS])
        more = len(found) - _MOST_DEVIATIONS
        rest = f" and {more} more, in summary.md" if more > 0 else ""
        console.print(Text(f"{deviations_in_short(found)}: {named}{rest}"), soft_wrap=True)
    for decision, count in sorted(summary.accepted.items()):
        console.print(Text(redact(f"accepted: {count} checks: {decision}")))
    for reason, count in sorted(summary.not_verifiable.items()):
        console.print(Text(redact(f"not verifiable here: {count} checks: {reason}")))
    for each in summary.fruitless:
        console.print(Text(redact(f"look at {each}"), style="yellow"), soft_wrap=True)
    for line in _first(_MOST_NOTICED, "noticed", summary.noticed):
        console.print(Text(redact(line)), soft_wrap=True)
    for line in _first(_MOST_LEFT, "left behind", summary.left_behind):
        console.print(Text(redact(line), style="yellow"), soft_wrap=True)


def _first(most: int, what: str, sentences: Sequence[str]) -> Iterator[str]:
    """Yield the first sentences as lines, and how many more ``summary.md`` has."""
    yield from (f"{what}: {each}" for each in sentences[:most])
    if len(sentences) > most:
        yield f"{what}: {len(sentences) - most} more, in summary.md"


def _show_table(
    console: Console, summary: Summary, operation: str, job_types: Sequence[str]
) -> None:
    found = grid(summary, operation, summary.identities, tuple(job_types))
    if not found.rows or not found.columns:
        return
    first = max(len(identity) for identity, _ in found.rows)
    width = console.width
    for columns in fitting(found.columns, lambda name: [heading(name)], first, width):
        table = Table(title=f"{operation}: identity x job type", title_justify="left")
        table.add_column("identity", no_wrap=True)
        for column in columns:
            table.add_column(heading(column), justify="center", overflow="fold")
        places = [found.columns.index(each) for each in columns]
        for identity, cells in found.rows:
            shown = (Text(cells[at], style=_cell_style(cells[at])) for at in places)
            table.add_row(identity, *shown)
        console.print(table)
    console.print(Text(LEGEND, style="dim"))


def _cell_style(cell: str) -> str:
    if "!" in cell:
        return "bold red"
    return "green" if cell == "A" else ""
