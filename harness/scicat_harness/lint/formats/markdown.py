"""The report as Markdown, for the summary of a CI job or a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from scicat_harness.lint.finding import Finding
from scicat_harness.lint.formats.text import counted
from scicat_harness.lint.report import Report

__all__ = ["as_markdown"]


def as_markdown(report: Report) -> str:
    """Return a report as Markdown: the verdict, a table of findings, and unchecked parts.

    The table is sorted by severity, the worst first, then by place.
    """
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"## {_cell(str(report.file))}"
    yield f"\n{_cell(report.start)}."
    if report.unobserved:
        yield f"\n{_cell(report.unobserved)}."
    if report.verdict.message:
        yield "\n```text"
        # The message may quote the configuration, which must not end the code block.
        yield report.verdict.message.replace("```", "` ` `")
        yield "```"
    if report.findings:
        yield f"\n{counted(report)}\n"
        yield "| severity | rule | place | what | fix | source |"
        yield "|---|---|---|---|---|---|"
        for each in sorted(report.sorted, key=lambda each: -each.severity):
            yield _row(each)
    for reason in report.unverifiable:
        yield f"\nNot verifiable here: {_cell(reason)}"


def _row(finding: Finding) -> str:
    place = f"{finding.place.file.name}:{finding.place.line}:{finding.place.column}"
    about = f"{finding.subject}: " if finding.subject else ""
    cells = (
        str(finding.severity),
        finding.rule,
        place,
        f"{about}{finding.sentence}",
        finding.fix,
        finding.source,
    )
    return "| " + " | ".join(_cell(each) for each in cells) + " |"


def _cell(text: str) -> str:
    # Texts quote the configuration of a stranger; the backslash comes first, as it escapes.
    for special in "\\`*_<>[]|#":
        text = text.replace(special, f"\\{special}")
    return text.replace("\n", " ")
