"""Contexts: what the templates of one operation see, with ``$name`` for what only a run knows.

Source: documentation page jobconfig.md (request, job, datasets, env); observed v5.2.1 for the
keys of a job document and for what an update sees before it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scicat_harness.config.jobconfig import version_of
from scicat_harness.config.startup import first_status
from scicat_harness.facility.rendering import HIDDEN, SINK_IN_CONTEXT, Contexts
from scicat_harness.model.dataset import Dataset
from scicat_harness.model.outcome import StoredJob
from scicat_harness.model.request import CreateRequest, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.action_context import ActionContext, create_context, update_context

__all__ = ["KNOWN_OF_DATASETS", "MadeJob", "contexts_of_create", "contexts_of_update"]

Json = Mapping[str, Any]
KNOWN_OF_DATASETS = frozenset(
    {
        *("pid", "ownerGroup", "accessGroups", "isPublished", "datasetlifecycle", "archivable"),
        *("retrievable", "datasetName", "owner", "contactEmail", "sourceFolder", "type"),
        *("principalInvestigator", "creationLocation"),
    }
)
"""What is known of a dataset's document beforehand; the backend adds more to it."""


@dataclass(frozen=True, slots=True)
class MadeJob:
    """The job that an update is about: what made it, and what is stored of it."""

    request: CreateRequest
    job: StoredJob


def contexts_of_create(site: Site, request: CreateRequest, job: StoredJob | None) -> Contexts:
    """Before storing there is no job; ``job`` None: it is never stored."""
    context = create_context(site, request)
    before = _roots(site, context, _aliases(request))
    if job is None:
        return Contexts(before, before)
    return Contexts(before, {**before, "job": _document(site, context.request, job)})


def contexts_of_update(site: Site, request: UpdateRequest, made: MadeJob, updater: str) -> Contexts:
    """Before it is written the job is there, but none of its properties shows."""
    context = update_context(site, request)
    before = _roots(site, context, _aliases(made.request))
    created = create_context(site, made.request)
    document = {
        **_document(site, created.request, made.job, correlation="$other"),
        "updatedBy": updater,
        "updatedAt": "$updated_at",
        **context.request,
    }
    return Contexts({**before, "job": {"": HIDDEN}}, {**before, "job": document})


def _aliases(request: CreateRequest) -> tuple[str, ...]:
    return tuple(sorted(set(request.datasets.aliases)))


def _roots(site: Site, context: ActionContext, aliases: tuple[str, ...]) -> dict[str, Any]:
    datasets = [_dataset(site.dataset(alias)) for alias in aliases]
    return {
        "request": context.request,
        "env": {**site.settings, **SINK_IN_CONTEXT},
        "datasets": datasets,
    }


def _document(
    site: Site, request: Json, job: StoredJob, correlation: str = "$token"
) -> dict[str, Any]:
    """The job as it is stored, in the order of its keys."""
    code, message = first_status(site)
    params = dict(request["jobParams"])
    params["correlation"] = correlation
    told = params.pop("jobStatusMessage", None)
    group, user, contact = (
        _one(each) for each in (job.owner_group, job.owner_user, job.contact_email)
    )
    owned = {"ownerGroup": group} if group is not None else {}
    by = {"ownerUser": user} if user is not None else {}
    identifier = "$id"
    return {
        "createdBy": job.created_by,
        "updatedBy": job.created_by,
        "createdAt": "$created_at",
        "updatedAt": "$updated_at",
        **owned,
        "accessGroups": [],
        "isPublished": False,
        "_id": identifier,
        "id": identifier,
        **by,
        "type": request["type"],
        "statusCode": told or code,
        "statusMessage": told or message,
        "jobParams": params,
        "contactEmail": contact or "",
        "configVersion": version_of(site),
        "jobResultObject": {},
        "__v": 0,
    }


def _one(values: frozenset[str | None]) -> str | None:
    return next(iter(sorted(values, key=str)), None)


def _dataset(dataset: Dataset) -> dict[str, Any]:
    """What is known of its document; see KNOWN_OF_DATASETS."""
    pid = f"$pid_{dataset.alias.replace('-', '_')}"
    document: dict[str, Any] = {
        "pid": pid,
        "owner": "harness",
        "ownerGroup": dataset.owner_group,
        "accessGroups": list(dataset.access_groups),
        "isPublished": dataset.published,
        "contactEmail": "contact@elsewhere.example",
        "principalInvestigator": "harness",
        "creationLocation": "harness",
        "datasetName": pid,
        "sourceFolder": f"/harness/{pid}",
        "type": "raw",
        # What a backend puts there for a dataset without files.
        "size": 0,
        "packedSize": 0,
        "numberOfFiles": 0,
        "datasetlifecycle": {
            "archivable": dataset.archivable,
            "retrievable": dataset.retrievable,
        },
    }
    return dataset.with_fields(document)
