"""Auth values that open an endpoint to anonymous callers.

An endpoint is as open as the most permissive job type makes it; instance authorization still
protects the others (specification: endpoint.authorization).
"""

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
_SENTENCES = {
    "expose.create-all": "anybody may create {job} jobs, also without login; that opens POST to "
    "anonymous callers and leaves {others} to their own auth",
    "expose.create-public": "anybody may create {job} jobs on published datasets; that opens POST "
    "to anonymous callers and leaves {others} to their own auth",
    "expose.update-all": "any user may change any {job} job, anonymous callers those without "
    "ownerGroup; that opens PATCH to them and leaves {others} to their own auth",
}


def exposure_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield one finding for each operation that opens an endpoint to anonymous callers."""
    jobs = subject.jobs
    for job in jobs:
        for operation in job.operations():
            rule = _RULES.get((operation.name, str(operation.auth)))
            # Before v4.27.0 only #all opened it.
            closed = not subject.features.public_opens_to_anonymous
            if rule and not (closed and rule == "expose.create-public"):
                others = [each.name for each in jobs if each.name != job.name]
                yield _finding(subject, operation, rule, others)


def _finding(
    subject: LintSubject, operation: OperationEntry, rule: str, others: list[str]
) -> Finding:
    # Three names show which types are meant; a facility may have dozens.
    listed = f"{', '.join(others[:3])} and {len(others) - 3} more" if len(others) > 4 else ""
    named = listed or ", ".join(others) or "other types"
    sentence = _SENTENCES[rule].format(job=operation.job, others=named)
    path = (*operation.path, "auth")
    return subject.at(rule, path, sentence, about=f"{operation.job} {operation.name}")
