"""A report as text, JSON, SARIF or Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.lint.formats.data import as_json_text
from harness.lint.formats.markdown import as_markdown
from harness.lint.formats.sarif import as_sarif
from harness.lint.formats.text import as_text
from harness.lint.report import Report

__all__ = ["FORMATS"]

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json_text,
    "sarif": as_sarif,
    "markdown": as_markdown,
}
