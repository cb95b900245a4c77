"""The report as SARIF 2.1.0, the input format of GitHub code scanning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from scicat_harness import __version__
from scicat_harness.lint.catalogue import RULES
from scicat_harness.lint.finding import Finding, FindingSeverity
from scicat_harness.lint.report import Report
from scicat_harness.lint.rule import LintRule

__all__ = ["as_sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_DOCS = "https://github.com/SciCatProject/scicat-harness/blob/main/docs/lint.md"


def as_sarif(report: Report) -> str:
    """Return a report as a SARIF log with one run.

    Findings are results. Parts that could not be checked are notifications of the tool, as they
    are no alerts.
    """
    return json.dumps(_log(report), indent=1, ensure_ascii=False) + "\n"


def _log(report: Report) -> dict[str, Any]:
    # Only the rules of this report: results refer to them by their index.
    rules = sorted({each.rule for each in report.findings})
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "scicat-harness lint",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "informationUri": _DOCS,
                        "rules": [_rule(RULES[each]) for each in rules],
                    }
                },
                # Places come from Python, which counts code points.
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            {"level": "note", "message": {"text": each}} for each in _notes(report)
                        ],
                    }
                ],
                "results": [_result(each, rules.index(each.rule)) for each in report.sorted],
            }
        ],
    }


def _notes(report: Report) -> Iterator[str]:
    if report.unobserved:
        yield report.unobserved
    yield from (f"not verifiable here: {each}" for each in report.unverifiable)


def _rule(rule: LintRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.replace("-", ".").split(".")),
        "shortDescription": {"text": rule.about},
        "fullDescription": {"text": f"{rule.about} {rule.fix}"},
        "help": {
            "text": f"{rule.fix} Source: {rule.source}.",
            "markdown": f"{rule.fix}\n\nSource: {rule.source}.",
        },
        "helpUri": _DOCS,
        "defaultConfiguration": {"level": str(rule.severity)},
        "properties": {
            "tags": ["scicat", rule.id.partition(".")[0]],
            "problem.severity": _problem(rule.severity),
        },
    }


def _problem(severity: FindingSeverity) -> str:
    # GitHub's problem.severity has the word recommendation where SARIF has note.
    return "recommendation" if severity is FindingSeverity.NOTE else str(severity)


def _result(finding: Finding, index: int) -> dict[str, Any]:
    about = f"{finding.subject}: " if finding.subject else ""
    content = f"{finding.rule}|{finding.subject}|{finding.sentence}"
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": str(finding.severity),
        "message": {"text": f"{about}{finding.sentence}. {finding.fix}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.place.file)},
                    "region": {
                        "startLine": finding.place.line,
                        "startColumn": finding.place.column,
                    },
                }
            }
        ],
        # Without the line number, so that an alert stays the same when lines are added before it.
        "partialFingerprints": {
            "finding/v1": hashlib.sha256(content.encode()).hexdigest()[:32],
        },
    }


def _uri(file: Path) -> str:
    """Return the URI of a file, relative to the working directory if the file is below it.

    GitHub resolves relative URIs against the root of the checkout, where the command should run.
    """
    here = Path.cwd()
    absolute = file.absolute()
    below = absolute.is_relative_to(here)
    return quote(absolute.relative_to(here).as_posix()) if below else absolute.as_uri()
