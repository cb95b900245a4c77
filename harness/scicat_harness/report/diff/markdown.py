"""The difference between two runs as Markdown, for release notes or a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scicat_harness.report.causes import Cause
from scicat_harness.report.diff.causes import NAMES, line_of
from scicat_harness.report.diff.change import ChangeKind
from scicat_harness.report.diff.difference import RunDifference
from scicat_harness.report.diff.lines import Line, counted
from scicat_harness.report.diff.text import (
    TITLES,
    compared,
    example_of,
    ledger_lines,
    one_sided_lines,
    run_line,
    short_case,
)
from scicat_harness.report.markdown import as_text

__all__ = ["markdown"]

_HEAD = "| | request | was | is | cases | by | who, and for example |"


def markdown(found: RunDifference, about: Mapping[str, str]) -> str:
    """Return the difference as Markdown.

    ``about`` maps ids of ledger entries to their descriptions. Unlike the terminal, Markdown has
    every line, every rule and every entry.
    """
    lines = [
        f"# {found.a.version} to {found.b.version}: {found.conclusion}",
        "",
        f"* A: {run_line(found.a)}",
        f"* B: {run_line(found.b)}",
        f"* {compared(found)}",
        "",
    ]
    lines += _section("Warnings", found.warnings())
    lines += _section("What changed, worst first", map(_cause, found.causes))
    if found.changed and found.unchanged:
        lines += [f"No change where compared: {', '.join(found.unchanged)}.", ""]
    for kind in ChangeKind:
        # Not folded as on a terminal: a page has room for every line.
        lines += _table(kind, found.of(kind))
    lines += _section("Known deviations", (f"`{each}`" for each in ledger_lines(found, about)))
    lines += _section("Only in one run", one_sided_lines(found))
    return "\n".join(lines)


def _cause(cause: Cause) -> str:
    # Its reason may quote a reply.
    said = _plain(line_of(cause))
    number = counted(len(cause.cases), "case")
    return f"**{NAMES[cause.kind]}**: {number}: {said}; for example `{short_case(cause.example)}`"


def _table(kind: ChangeKind, found: list[Line]) -> list[str]:
    if not found:
        return []
    title = TITLES[kind]
    rows = [_row(line) for line in found]
    return [f"## {title[0].upper()}{title[1:]}", "", _HEAD, "|---" * 7 + "|", *rows, ""]


def _row(line: Line) -> str:
    seen = _plain(example_of(line))
    cells = (
        "**more permissive**" if line.permissive else "",
        line.request,
        line.was,
        line.now,
        str(line.cases),
        # As code, since rule ids and case ids contain underscores.
        f"`{line.by}`",
        "; ".join(
            part for part in (line.cells_in_short(), seen, f"`{_escaped(line.example)}`") if part
        ),
    )
    return "| " + " | ".join(cells) + " |"


def _plain(text: str) -> str:
    """Return text of a backend on one line, without markup."""
    return as_text(" ".join(text.split()))


def _escaped(text: str) -> str:
    """Return a text without characters that end a cell or a row of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def _section(title: str, entries: Iterable[str]) -> list[str]:
    found = [f"* {each}" for each in entries]
    return [f"## {title}", "", *found, ""] if found else []
