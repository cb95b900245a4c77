"""The report as text: findings grouped by severity and file, with aligned places."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from scicat_harness.lint.finding import Finding, FindingSeverity
from scicat_harness.lint.report import Report
from scicat_harness.wrapping import wrapped

__all__ = ["as_text", "counted"]


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
            yield from wrapped(f"not verifiable here: {each}", "", "  ")
    if report.accepted:
        yield "\naccepted"
        for each in report.accepted:
            yield from wrapped(each, "  ", "    ")
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
        places = {id(each): f"{each.place.line}:{each.place.column}" for each in listed}
        width = max(map(len, places.values()))
        indent = " " * (width + 6)
        for rule, same in _by_rule(listed).items():
            yield f"  {rule}"
            fixes = list(dict.fromkeys(_fix(each) for each in same))
            for each in same:
                about = f"{each.subject}: " if each.subject else ""
                place = f"    {places[id(each)]:<{width}}  "
                yield from wrapped(f"{about}{each.sentence}", place, indent)
                if len(fixes) > 1:
                    yield from _fix_lines(_fix(each), indent)
            # Said once for all findings, as what belongs to the rule.
            if len(fixes) == 1:
                yield from _fix_lines(fixes[0], indent)
            yield from wrapped(f"source: {same[0].source}", indent, f"{indent}        ")


def _fix_lines(fix: str, indent: str) -> list[str]:
    return wrapped(f"fix: {fix}", indent, f"{indent}     ")


def _by_rule(findings: list[Finding]) -> dict[str, list[Finding]]:
    """Return the findings of each rule, in the order of the first of them."""
    found: dict[str, list[Finding]] = {}
    for each in findings:
        found.setdefault(each.rule, []).append(each)
    return found


def _fix(found: Finding) -> str:
    return f"{found.fix}{' (--fix does it)' if found.edits else ''}"
