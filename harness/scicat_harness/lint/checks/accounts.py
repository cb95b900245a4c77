"""Functional accounts with which the backend starts, and nobody can log in."""

from __future__ import annotations

from collections.abc import Iterator

from scicat_harness.lint.finding import Finding, Place
from scicat_harness.lint.subject import LintSubject, finding

__all__ = ["account_findings"]


def account_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield the findings about accounts that do not stop the start."""
    accounts = subject.installation.accounts
    for problem in accounts.problems if accounts is not None else ():
        if not problem.message:
            assert accounts is not None
            yield finding(problem.rule, Place(accounts.file, problem.line, 1), problem.sentence)
