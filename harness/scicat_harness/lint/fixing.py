"""Fixes that need no decision: dialects of earlier releases, and names proven by accounts."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.lint.document import read_text
from scicat_harness.lint.editing import apply
from scicat_harness.lint.finding import Edit, Finding
from scicat_harness.lint.linter import lint_text
from scicat_harness.lint.report import Report
from scicat_harness.lint.settings import read_env
from scicat_harness.lint.subject import Installation
from scicat_harness.lint.words import without_secrets

__all__ = ["Fixed", "fixed"]

_ROUNDS = 12
"""Rounds of lint and fix: an inner error shows only after the outer one is fixed."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The text of a file before and after its fixes, and the findings that were fixed."""

    file: Path
    before: str
    after: str
    findings: tuple[Finding, ...]

    @property
    def changed(self) -> bool:
        """True if the text changed."""
        return self.before != self.after

    def diff(self) -> str:
        """Return the changes as a unified diff with one line of context, without secrets."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            str(self.file),
            str(self.file),
            n=1,
        )
        # A last line without a line break would run into the next line of the diff.
        shown = "".join(each if each.endswith("\n") else f"{each}\n" for each in lines)
        return without_secrets(shown)


def fixed(file: Path, installation: Installation) -> tuple[Fixed, tuple[Fixed, ...]]:
    """Return the fixed configuration, and the fixed env files, as many as were given.

    Nothing is written. The text is linted again after each round, as one fix may reveal the next
    error: ``statusUpdate`` hides the actions inside it until it is called ``update``. Raises
    UsageFault if a file cannot be read.
    """
    before = text = read_text(file, "the path of a job configuration")
    report = lint_text(file, text, installation)
    # Findings in another file, such as the env file, are not fixed by editing this one.
    done = [each for each in report.findings if _edits(each, file)]
    for _ in range(_ROUNDS):
        new = apply(text, [edit for each in report.findings for edit in _edits(each, file)])
        if new == text:
            break
        # Linted as a text, since nothing has been written to the file.
        text, report = new, lint_text(file, new, installation)
        # An edit that waited for another one is found again, possibly at the same place.
        known = {(each.rule, each.place) for each in done}
        later = (each for each in report.findings if _edits(each, file))
        done += [each for each in later if (each.rule, each.place) not in known]
    return Fixed(file, before, text, tuple(done)), _env(installation, report)


def _env(installation: Installation, report: Report) -> tuple[Fixed, ...]:
    """Return the env files with their fixes."""
    env = installation.env
    return tuple(_fixed_env(each.file, report) for each in (env.files if env is not None else ()))


def _fixed_env(file: Path, report: Report) -> Fixed:
    env = read_env(file)
    edited = [each for each in report.findings if _edits(each, file)]
    edits = [edit for each in edited for edit in _edits(each, file)]
    return Fixed(file, env.text, apply(env.text, edits), tuple(edited))


def _edits(finding: Finding, file: Path) -> list[Edit]:
    return [edit for edit in finding.edits if edit.file == file]
