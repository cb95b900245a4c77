"""The command ``diff``: compare what two stored runs observed, case by case."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import click
from rich.text import Text

from scicat_harness.cli.console import Console
from scicat_harness.cli.output import write_output
from scicat_harness.cli.result import show_people
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.report.causes import Cause, Kind
from scicat_harness.report.diff.causes import NAMES, line_of
from scicat_harness.report.diff.change import ChangeKind
from scicat_harness.report.diff.difference import RunDifference, difference
from scicat_harness.report.diff.lines import Line, folded
from scicat_harness.report.diff.markdown import markdown
from scicat_harness.report.diff.text import (
    TITLES,
    compared,
    example_of,
    ledger_lines,
    one_sided_lines,
    run_line,
    short_case,
)
from scicat_harness.report.stored.run import read_run

__all__ = ["diff", "show_difference"]

_FORMATS = ("table", "markdown", "json")
# Columns; a file has no terminal whose width rich could ask for.
_WIDTH_OF_A_FILE = 140
_MOST_RULES = 3
_MOST_CELLS = 2
_ABOUT = {entry.id: f"{entry.severity}: {entry.behaviour}" for entry in LEDGER.entries}


@click.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="table",
    show_default=True,
    help="json has every case.",
)
@click.option(
    "--verbose", is_flag=True, help="table: every request that changed, too, by kind of change."
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE.")
def diff(run_a: Path, run_b: Path, form: str, verbose: bool, output: Path | None) -> int:
    """Show what changed from report folder RUN_A to RUN_B.

    It compares observations: outcomes, statuses, stored jobs and effects of every case that both
    runs judged, and known deviations that appeared or disappeared.

    Exit codes: 0 nothing became more permissive, 1 something did, 2 a run is unknown or nothing
    could be compared, 3 a folder cannot be read.
    """
    found = difference(read_run(run_a), read_run(run_b))
    if output is not None:
        write_output(_rendered(found, form, verbose=verbose), output)
        click.echo(found.conclusion)
    elif form == "table":
        show_difference(found, Console(), verbose=verbose)
    else:
        sys.stdout.write(_rendered(found, form, verbose=verbose))
    return found.exit_code


def _rendered(found: RunDifference, form: str, *, verbose: bool) -> str:
    if form == "json":
        return json.dumps(found.to_json(), indent=1) + "\n"
    if form == "markdown":
        return markdown(found, _ABOUT)
    file = StringIO()
    show_difference(found, Console(file=file, width=_WIDTH_OF_A_FILE), verbose=verbose)
    return file.getvalue()


def show_difference(found: RunDifference, console: Console, *, verbose: bool = False) -> None:
    """Print the changes from one run to another, worst first, and the conclusion.

    ``verbose`` adds a row for each request and change, authorization first.
    """
    console.print(Text(f"A  {run_line(found.a)}\nB  {run_line(found.b)}"), soft_wrap=True)
    console.print(Text(compared(found)))
    for warning in found.warnings():
        _print_wrapped(console, f"warning: {warning}", "bold yellow")
    _causes(console, found.causes)
    # ChangeKind is ordered by importance, authorization first.
    for kind in ChangeKind if verbose else ():
        lines = folded(found.of(kind))
        if lines:
            _lines(console, kind, lines)
    if found.changed and found.unchanged:
        _print_wrapped(console, f"no change where compared: {', '.join(found.unchanged)}")
    _list(console, "known deviations", list(ledger_lines(found, _ABOUT)))
    _list(console, "only in one run", list(one_sided_lines(found, _MOST_RULES)))
    # Green needs both: nothing more permissive, and enough compared to say so (exit code 0).
    style = "bold red" if found.permissive else "bold yellow"
    if not found.permissive and found.conclusive:
        style = "bold green"
    console.print(Text(f"\n{found.conclusion}", style=style))


def _causes(console: Console, found: Sequence[Cause]) -> None:
    if found:
        console.print(Text("\nwhat changed, worst first", style="bold"))
    for each in found:
        text = f"{len(each.cases):>5}  {NAMES[each.kind]}: {line_of(each)}"
        style = "bold red" if each.kind in (Kind.PERMISSIVE, Kind.AFTER_REFUSAL) else ""
        _print_wrapped(console, f"{text}; e.g. {short_case(each.example)}", style)
    show_people(console, found)


def _list(console: Console, title: str, entries: list[str]) -> None:
    if entries:
        console.print(Text(f"\n{title}", style="bold"))
        for entry in entries:
            _print_wrapped(console, f"  {entry}")


def _lines(console: Console, kind: ChangeKind, lines: list[Line]) -> None:
    """Print one row per change in aligned columns; wrap long rows with an indentation."""
    console.print(Text(f"\n{TITLES[kind]}", style="bold"))
    heads = [(line.request, f"{line.was} -> {line.now}", str(line.cases)) for line in lines]
    request, change, cases = (max(len(head[n]) for head in heads) for n in range(3))
    for line, head in zip(lines, heads, strict=True):
        # One status line covers up to a thousand cases; naming two identities says nothing.
        who = "" if kind is ChangeKind.STATUS else line.cells_in_short(_MOST_CELLS)
        example = f"e.g. {short_case(line.example)}"
        shown = (who, line.by, example_of(line), example)
        row = (
            f"{'!' if line.permissive else ' '} {head[0]:<{request}}  {head[1]:<{change}}  "
            f"{head[2]:>{cases}}  {'; '.join(part for part in shown if part)}"
        )
        _print_wrapped(console, row, "bold red" if line.permissive else "")


def _print_wrapped(console: Console, row: str, style: str = "") -> None:
    """Wrap a row with an indentation, which no terminal does, and keep names in one piece."""
    wrapped = textwrap.wrap(
        row,
        console.width,
        subsequent_indent=" " * 6,
        break_long_words=False,
        break_on_hyphens=False,
    )
    console.print(Text("\n".join(wrapped), style=style), soft_wrap=True)
