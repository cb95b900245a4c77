"""Datasets beside those of the site: one for a check of its own, or very many."""

from __future__ import annotations

from typing import Any

from scicat_harness.judge.trial import Trial
from scicat_harness.model.identity import CONTACT
from scicat_harness.scenarios.jobs import JANITOR

__all__ = ["dataset", "datasets"]


def dataset(trial: Trial, **fields: Any) -> str:
    """The pid of a dataset of group1 that only one check uses."""
    pid = f"{trial.run}/{trial.new_mark()}"
    body = {
        "pid": pid,
        "type": "raw",
        "datasetName": pid,
        "owner": "harness",
        "ownerGroup": "group1",
        "accessGroups": [],
        "isPublished": False,
        "contactEmail": CONTACT,
        "principalInvestigator": "harness",
        "creationLocation": "harness",
        "creationTime": "2024-07-02T09:00:00.000Z",
        "sourceFolder": "/harness",
        **fields,
    }
    reply = trial.request(JANITOR, "POST", "v3/datasets", body)
    reply.must_succeed("a dataset that the check needs is made")
    return pid


def datasets(trial: Trial, number: int) -> list[str]:
    """The pids of so many datasets that nobody changes, made when first needed."""
    made: list[str] = trial.shared.setdefault("datasets", [])
    while len(made) < number:
        made.append(dataset(trial))
    return made[:number]
