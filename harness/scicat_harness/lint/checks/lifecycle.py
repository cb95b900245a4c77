"""Checks of datasets that were built in once and are now up to the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scicat_harness.lint.entries import Job
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.subject import LintSubject

__all__ = ["lifecycle_findings"]

_ASKED = {
    "archive": "datasetlifecycle.archivable",
    "retrieve": "datasetlifecycle.retrievable",
    "public": "isPublished",
}


def lifecycle_findings(subject: LintSubject) -> Iterator[Finding]:
    """One for each of the three types that does not ask what backends before v4.14.0 asked."""
    for job in subject.jobs:
        asked = _ASKED.get(job.name)
        if asked and job.operation("create") and not _asks(job, asked):
            sentence = f"create of {job.name} does not ask for {asked} of its datasets"
            path = (*job.path, "jobType")
            yield subject.at(f"lifecycle.{job.name}", path, sentence, about=job.name)


def _asks(job: Job, asked: str) -> bool:
    create = job.operation("create")
    if create is None:
        return False
    if job.name == "public" and create.auth == "#datasetPublic":
        # Every listed dataset has to be published for this auth.
        return True
    for action in create.all_actions():
        datasets = action.options.get("datasets")
        if action.kind == "validate" and isinstance(datasets, dict):
            paths = {re.sub(r"^\$\.", "", path) for path in datasets}
            if asked in paths or any(path == "datasetlifecycle" for path in paths):
                return True
    return False
