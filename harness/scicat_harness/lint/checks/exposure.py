"""What an auth value opens: endpoints are open for all job types or for none."""

from __future__ import annotations

from collections.abc import Iterator

from scicat_harness.lint.entries import OperationEntry
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.subject import LintSubject

__all__ = ["exposure_findings"]

_RULES = {
    ("create", "#all"): "expose.create-all",
    ("create", "#datasetPublic"): "expose.create-public",
    ("update", "#all"): "expose.update-all",
}
_TOLD = {
    "expose.create-all": "anybody may create {job} jobs, also without login; that opens POST to "
    "anonymous callers and leaves {others} to their own auth",
    "expose.create-public": "anybody may create {job} jobs on published datasets; that opens POST "
    "to anonymous callers and leaves {others} to their own auth",
    "expose.update-all": "any user may change any {job} job, anonymous callers those without "
    "ownerGroup; that opens PATCH to them and leaves {others} to their own auth",
}


def exposure_findings(subject: LintSubject) -> Iterator[Finding]:
    """One for each operation that opens an endpoint to anonymous callers."""
    jobs = subject.jobs
    for job in jobs:
        for operation in job.operations():
            rule = _RULES.get((operation.name, str(operation.auth)))
            closed = not subject.features.public_opens_to_anonymous
            if rule and not (closed and rule == "expose.create-public"):
                others = [each.name for each in jobs if each.name != job.name]
                yield _finding(subject, operation, rule, others)


def _finding(
    subject: LintSubject, operation: OperationEntry, rule: str, others: list[str]
) -> Finding:
    listed = f"{', '.join(others[:3])} and {len(others) - 3} more" if len(others) > 4 else ""
    named = listed or ", ".join(others) or "other types"
    sentence = _TOLD[rule].format(job=operation.job, others=named)
    path = (*operation.path, "auth")
    return subject.at(rule, path, sentence, about=f"{operation.job} {operation.name}")
