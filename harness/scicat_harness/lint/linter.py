"""The linter: reads a file, predicts the start, then runs the checks for later failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from scicat_harness.lint.checks.accounts import account_findings
from scicat_harness.lint.checks.auth import auth_findings
from scicat_harness.lint.checks.broker import broker_findings
from scicat_harness.lint.checks.calls import call_findings
from scicat_harness.lint.checks.environment import environment_findings
from scicat_harness.lint.checks.exposure import exposure_findings
from scicat_harness.lint.checks.keys import key_findings
from scicat_harness.lint.checks.lifecycle import lifecycle_findings
from scicat_harness.lint.checks.mail import mail_findings
from scicat_harness.lint.checks.plugins import plugin_findings
from scicat_harness.lint.checks.reading import reading_findings
from scicat_harness.lint.checks.switches import switch_findings
from scicat_harness.lint.checks.templates import template_findings
from scicat_harness.lint.checks.validation import validation_findings
from scicat_harness.lint.document import Broken, read_document, read_text
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.report import Report
from scicat_harness.lint.starting.verdict import verdict, verdict_of_broken
from scicat_harness.lint.subject import Installation, LintSubject

__all__ = ["lint", "lint_text"]

# Reports sort findings by place; the order only decides which of two equal ones is kept.
_CHECKS: tuple[Callable[[LintSubject], Iterator[Finding]], ...] = (
    reading_findings,
    key_findings,
    auth_findings,
    account_findings,
    exposure_findings,
    lifecycle_findings,
    template_findings,
    mail_findings,
    call_findings,
    broker_findings,
    switch_findings,
    validation_findings,
    plugin_findings,
    environment_findings,
)


def lint(file: Path, installation: Installation) -> Report:
    """Lint a configuration file.

    Nothing is written and no backend is needed. Raises UsageFault if the file cannot be read.
    """
    return lint_text(file, read_text(file, "the path of a job configuration"), installation)


def lint_text(file: Path, text: str, installation: Installation) -> Report:
    """Lint a text as the content of ``file``, which need not have it yet.

    Without valid YAML the report has one finding, ``start.yaml``.
    """
    document = read_document(file, text, installation.engine)
    if isinstance(document, Broken):
        # Without values there is nothing for the checks to look at.
        decided, found = verdict_of_broken(document, installation)
        unverifiable = [] if document.exact else [f"the words of js-yaml: {installation.no_engine}"]
        return Report(file, installation, decided, tuple(found), tuple(unverifiable))
    subject = LintSubject(document, installation)
    decided, found = verdict(subject)
    later = [each for check in _CHECKS for each in check(subject)]
    findings = tuple(_once([*found, *later]))
    return Report(file, installation, decided, findings, tuple(subject.unverifiable))


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield each rule once per place: aliases and merges of YAML repeat the same source."""
    seen = set()
    for each in findings:
        # A probe may report several findings of one action, all at the place of the action.
        sentence = each.sentence if each.rule == "plugin.action" else ""
        key = each.rule, each.place, sentence
        if key not in seen:
            seen.add(key)
            yield each
