"""The report as text: findings grouped by severity and file, with aligned places."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from itertools import groupby

from scicat_harness.lint.finding import Finding, FindingSeverity
from scicat_harness.lint.report import Report

__all__ = ["as_text", "counted"]

_WIDTH = 100
"""Columns where there is no terminal."""
_NARROWEST, _WIDEST = 60, 120


def as_text(report: Report) -> str:
    """Return a report as text, as wide as the terminal, or 100 columns.

    The verdict with the message of the backend comes first, then the findings from errors to
    notes, the unchecked parts, and the counts.
    """
    return "\n".join(_lines(report)) + "\n"


def counted(report: Report) -> str:
    """Return the counts as words, such as ``2 errors, 1 warning, 0 notes``."""
    parts = [f"{n} {severity}{'' if n == 1 else 's'}" for severity, n in report.counts.items()]
    return ", ".join(parts)


def _lines(report: Report) -> Iterator[str]:
    yield f"{report.file}: {report.start}"
    if report.unobserved:
        yield report.unobserved
    if report.verdict.message:
        yield from _message(report)
    for severity in sorted(FindingSeverity, reverse=True):
        found = [each for each in report.sorted if each.severity is severity]
        if found:
            yield f"\n{severity}s"
            yield from _group(report, found)
    if report.unverifiable:
        yield ""
        for each in report.unverifiable:
            yield from _wrapped(f"not verifiable here: {each}", "", "  ")
    if report.accepted:
        yield "\naccepted"
        for each in report.accepted:
            yield from _wrapped(each, "  ", "    ")
    yield f"\n{counted(report)}"


def _message(report: Report) -> Iterator[str]:
    # Not exact: the message was predicted without the library that writes it.
    exact = "" if report.verdict.exact else " (js-yaml and Ajv may word it otherwise)"
    yield f"it ends with exit code 1 and this message{exact}:"
    for line in report.verdict.message.splitlines():
        yield f"  {line}"


def _group(report: Report, findings: list[Finding]) -> Iterator[str]:
    for file, of_file in groupby(findings, key=lambda each: each.place.file):
        listed = list(of_file)
        # Findings may also be in the env file, the accounts and the body files of mails.
        if file != report.file:
            yield f" in {file}"
        places = [f"{each.place.line}:{each.place.column}" for each in listed]
        width = max(map(len, places))
        for place, each in zip(places, listed, strict=True):
            indent = " " * (width + 4)
            about = f"{each.subject}: " if each.subject else ""
            yield f"  {place:<{width}}  {each.rule}"
            yield from _wrapped(f"{about}{each.sentence}", indent, indent)
            fix = " (--fix does it)" if each.edits else ""
            yield from _wrapped(f"fix: {each.fix}{fix}", indent, f"{indent}      ")
            yield from _wrapped(f"source: {each.source}", indent, f"{indent}        ")


def _wrapped(text: str, first: str, rest: str) -> Iterator[str]:
    columns = shutil.get_terminal_size((_WIDTH, 24)).columns
    yield from textwrap.wrap(
        text,
        min(max(columns, _NARROWEST), _WIDEST),
        initial_indent=first,
        subsequent_indent=rest,
        # Paths and messages are searched for and copied, so they are never broken.
        break_long_words=False,
        break_on_hyphens=False,
    )
