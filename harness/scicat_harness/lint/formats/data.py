"""The report as JSON, for other programs."""

from __future__ import annotations

import json
from typing import Any

from scicat_harness.lint.finding import Finding
from scicat_harness.lint.report import Report

__all__ = ["as_json_text"]


def as_json_text(report: Report) -> str:
    """Return a report as one JSON object.

    ``start`` is the verdict, ``findings`` are in the order of their places, ``counts`` has every
    severity, ``notVerifiable`` the sentences about unchecked parts, and ``accepted`` those about
    accepted findings. Absent values are null.
    """
    made = {
        "file": str(report.file),
        "release": str(report.installation.features.release),
        "unobserved": report.unobserved,
        "start": {
            "starts": report.verdict.starts,
            "message": report.verdict.message or None,
            "why": report.verdict.why or None,
            "exact": report.verdict.exact,
        },
        # In a fixed order, so that two reports can be compared as texts.
        "findings": [_finding(each) for each in report.sorted],
        "counts": {str(severity): number for severity, number in report.counts.items()},
        "notVerifiable": list(report.unverifiable),
        "accepted": list(report.accepted),
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "file": str(finding.place.file),
        "line": finding.place.line,
        "column": finding.place.column,
        "subject": finding.subject or None,
        "sentence": finding.sentence,
        "fix": finding.fix,
        "source": finding.source,
        "stopsTheBackend": finding.stops,
        "fixable": bool(finding.edits),
    }
