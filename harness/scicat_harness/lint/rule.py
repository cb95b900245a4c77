"""Rules of the linter: a permanent id, a severity, a sentence, the usual fix and the source."""

from __future__ import annotations

from dataclasses import dataclass

from scicat_harness.lint.finding import FindingSeverity

__all__ = ["LintRule", "error", "note", "stops", "warning"]


@dataclass(frozen=True, slots=True)
class LintRule:
    """One row of the catalogue.

    ``about`` states what is wrong. ``fix`` is used by findings that have no better one. ``stops``
    is True if a backend does not start with it.
    """

    id: str
    severity: FindingSeverity
    about: str
    fix: str
    source: str
    stops: bool = False


def stops(id_: str, about: str, fix: str, source: str) -> LintRule:
    """Make a rule about something that a backend does not start with."""
    return LintRule(id_, FindingSeverity.ERROR, about, fix, source, stops=True)


def error(id_: str, about: str, fix: str, source: str) -> LintRule:
    """Make a rule about something that fails whenever it is used."""
    return LintRule(id_, FindingSeverity.ERROR, about, fix, source)


def warning(id_: str, about: str, fix: str, source: str) -> LintRule:
    """Make a rule about something misleading, or more open than the author may want."""
    return LintRule(id_, FindingSeverity.WARNING, about, fix, source)


def note(id_: str, about: str, fix: str, source: str) -> LintRule:
    """Make a rule about something that is correct and worth knowing."""
    return LintRule(id_, FindingSeverity.NOTE, about, fix, source)
