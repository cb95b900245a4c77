"""The formats of a report: text, JSON, SARIF and Markdown, by the values of ``--format``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scicat_harness.lint.formats.data import as_json_text
from scicat_harness.lint.formats.markdown import as_markdown
from scicat_harness.lint.formats.sarif import as_sarif
from scicat_harness.lint.formats.text import as_text
from scicat_harness.lint.report import Report

__all__ = ["FORMATS"]

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json_text,
    "sarif": as_sarif,
    "markdown": as_markdown,
}
