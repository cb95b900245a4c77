"""Fixes what can be fixed without asking: dialects of earlier releases, and proven names."""

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
"""What is wrong deeper inside shows once the outer things are fixed."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """One file before and after, and the findings that are gone from it."""

    file: Path
    before: str
    after: str
    findings: tuple[Finding, ...]

    @property
    def changed(self) -> bool:
        """Whether anything was fixed."""
        return self.before != self.after

    def diff(self) -> str:
        """What was changed, with the lines around it; secrets are left out."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            str(self.file),
            str(self.file),
            n=1,
        )
        shown = "".join(each if each.endswith("\n") else f"{each}\n" for each in lines)
        return without_secrets(shown)


def fixed(file: Path, installation: Installation) -> tuple[Fixed, Fixed | None]:
    """The configuration fixed, and the env file if one was given; nothing is written."""
    before = text = read_text(file, "the path of a job configuration")
    report = lint_text(file, text, installation)
    done = [each for each in report.findings if _edits(each, file)]
    for _ in range(_ROUNDS):
        new = apply(text, [edit for each in report.findings for edit in _edits(each, file)])
        if new == text:
            break
        text, report = new, lint_text(file, new, installation)
        known = {(each.rule, each.place) for each in done}
        later = (each for each in report.findings if _edits(each, file))
        done += [each for each in later if (each.rule, each.place) not in known]
    return Fixed(file, before, text, tuple(done)), _env(installation, report)


def _env(installation: Installation, report: Report) -> Fixed | None:
    if installation.env is None:
        return None
    env = read_env(installation.env.file)
    edited = [each for each in report.findings if _edits(each, env.file)]
    edits = [edit for each in edited for edit in _edits(each, env.file)]
    return Fixed(env.file, env.text, apply(env.text, edits), tuple(edited))


def _edits(finding: Finding, file: Path) -> list[Edit]:
    return [edit for edit in finding.edits if edit.file == file]
