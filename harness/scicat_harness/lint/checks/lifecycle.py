"""Dataset checks of archive, retrieve and public, which the configuration must contain now.

Backends before v4.14.0 made them for these three job types (specification: configuration.file;
backend#1692).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scicat_harness.lint.entries import Job
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.subject import LintSubject

__all__ = ["lifecycle_findings"]

_CHECKED = {
    "archive": "datasetlifecycle.archivable",
    "retrieve": "datasetlifecycle.retrievable",
    "public": "isPublished",
}


def lifecycle_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield one finding for each of the three job types that does not make its check.

    Any ``validate`` action on the field counts, whatever its schema is.
    """
    for job in subject.jobs:
        field = _CHECKED.get(job.name)
        if field and job.operation("create") and not _checks(job, field):
            sentence = f"create of {job.name} does not validate {field} of its datasets"
            path = (*job.path, "jobType")
            yield subject.at(f"lifecycle.{job.name}", path, sentence, about=job.name)


def _checks(job: Job, field: str) -> bool:
    create = job.operation("create")
    if create is None:
        return False
    if job.name == "public" and create.auth == "#datasetPublic":
        # With this auth every listed dataset must be published.
        return True
    for action in create.all_actions():
        datasets = action.options.get("datasets")
        if action.kind == "validate" and isinstance(datasets, dict):
            paths = {re.sub(r"^\$\.", "", path) for path in datasets}
            # A schema of the whole lifecycle is taken for one that checks the field.
            if field in paths or any(path == "datasetlifecycle" for path in paths):
                return True
    return False
