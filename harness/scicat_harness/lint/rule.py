"""A rule of the linter: a permanent id, how bad a breach is, and where the rule comes from."""

from __future__ import annotations

from dataclasses import dataclass

from scicat_harness.lint.finding import FindingSeverity

__all__ = ["LintRule", "error", "note", "warning"]


@dataclass(frozen=True, slots=True)
class LintRule:
    """One row of the catalogue; ``fix`` is what helps unless a finding knows better."""

    id: str
    severity: FindingSeverity
    about: str
    fix: str
    source: str


def error(id_: str, about: str, fix: str, source: str) -> LintRule:
    """What stops the backend, or fails whenever it is used."""
    return LintRule(id_, FindingSeverity.ERROR, about, fix, source)


def warning(id_: str, about: str, fix: str, source: str) -> LintRule:
    """What does something else than it seems to, or opens more than one may want."""
    return LintRule(id_, FindingSeverity.WARNING, about, fix, source)


def note(id_: str, about: str, fix: str, source: str) -> LintRule:
    """What is worth knowing."""
    return LintRule(id_, FindingSeverity.NOTE, about, fix, source)
