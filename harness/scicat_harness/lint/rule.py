"""A rule of the linter: a permanent id, how bad a breach is, and where the rule comes from."""

from __future__ import annotations

from dataclasses import dataclass

from scicat_harness.lint.finding import Severity

__all__ = ["Rule", "error", "note", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the catalogue; ``mend`` is what helps unless a finding knows better."""

    id: str
    severity: Severity
    about: str
    mend: str
    source: str


def error(id_: str, about: str, mend: str, source: str) -> Rule:
    """What stops the backend, or fails whenever it is used."""
    return Rule(id_, Severity.ERROR, about, mend, source)


def warning(id_: str, about: str, mend: str, source: str) -> Rule:
    """What does something else than it seems to, or opens more than one may want."""
    return Rule(id_, Severity.WARNING, about, mend, source)


def note(id_: str, about: str, mend: str, source: str) -> Rule:
    """What is worth knowing."""
    return Rule(id_, Severity.NOTE, about, mend, source)
