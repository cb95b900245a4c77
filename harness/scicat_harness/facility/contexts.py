"""The contexts of templates for one request, with ``$name`` for values that only a run knows.

Source: documentation page jobconfig.md (request, job, datasets, env); observed v5.2.1 for the
keys of a job document and for the context of an update before it is written; specification:
templates.context.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scicat_harness.config.jobconfig import version_of
from scicat_harness.config.startup import first_status
from scicat_harness.facility.plan import PlannedCase
from scicat_harness.facility.rendering import SINK_IN_CONTEXT, Contexts
from scicat_harness.javascript.values import Concealed
from scicat_harness.model.outcome import StoredJob
from scicat_harness.model.request import CreateRequest, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.actions.context import (
    ActionContext,
    create_context,
    update_context,
)
from scicat_harness.oracle.datasets import dataset_document
from scicat_harness.oracle.predict import Oracle

__all__ = [
    "MadeJob",
    "contexts_of",
    "contexts_of_create",
    "contexts_of_update",
]

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MadeJob:
    """The job of an update: the create request that made it, and the job as stored then."""

    request: CreateRequest
    job: StoredJob


def contexts_of(
    case: PlannedCase, oracle: Oracle, environment: Mapping[str, str] | None = None
) -> Contexts:
    """Return the contexts of a planned case, as the oracle of its site expects the job.

    ``environment`` has all variables of the backend; without it there are those of the site.
    """
    site = oracle.site
    if isinstance(case.request, CreateRequest):
        found = contexts_of_create(site, case.request, case.predict(oracle).job)
    else:
        assert case.made is not None
        job = oracle.create(site.identities[site.janitor], case.made).job
        assert job is not None
        made = MadeJob(case.made, job)
        found = contexts_of_update(site, case.request, made, case.identity.name)
    if not environment:
        return found
    # In its own order, which shows where the whole of it is written.
    both = ({**each, "env": environment} for each in (found.validate, found.perform))
    return Contexts(*both)


def contexts_of_create(site: Site, request: CreateRequest, job: StoredJob | None) -> Contexts:
    """Return the contexts of a create, without a job before it is stored.

    ``job`` is the job that the oracle expects to be stored, or None for a refused request.
    """
    context = create_context(site, request)
    before = _roots(site, context, _aliases(request))
    if job is None:
        return Contexts(before, before)
    return Contexts(before, {**before, "job": _document(site, context.request, job)})


def contexts_of_update(site: Site, request: UpdateRequest, made: MadeJob, updater: str) -> Contexts:
    """Return the contexts of an update.

    Before the update is written the job is concealed: a template shows none of its properties, only
    the whole of it. ``updater`` is the name of the caller.
    """
    context = update_context(site, request, updater)
    before = _roots(site, context, _aliases(made.request))
    created = create_context(site, made.request)
    # Its correlation is that of the create, which was another request.
    stored = _document(site, created.request, made.job, correlation="$other")
    document = {
        **stored,
        "updatedBy": updater,
        "updatedAt": "$updated_at",
        **context.request,
    }
    # Nobody has updated it yet.
    fresh = Concealed({**stored, "updatedAt": "$created_at"})
    return Contexts({**before, "job": fresh}, {**before, "job": document})


def _aliases(request: CreateRequest) -> tuple[str, ...]:
    # The backend loads datasets by ascending pid, each once.
    return tuple(sorted(set(request.datasets.aliases)))


def _roots(site: Site, context: ActionContext, aliases: tuple[str, ...]) -> dict[str, Any]:
    # The pid with its slash, which a template may encode; the alias needs no encoding.
    datasets = [
        dataset_document(site.dataset(each), f"$run/{each}", site.janitor) for each in aliases
    ]
    return {
        "request": context.request,
        "env": {**site.settings, **SINK_IN_CONTEXT},
        "datasets": datasets,
    }


def _document(
    site: Site, request: Json, job: StoredJob, correlation: str = "$token"
) -> dict[str, Any]:
    """Return the document of a stored job, with its keys in the order of v5.2.1."""
    code, message = first_status(site)
    params = dict(request["jobParams"])
    if "correlation" in params:
        params["correlation"] = correlation
    # Taken out since v4.24.0, and used for both status fields (specification: create.body).
    chosen = params.pop("jobStatusMessage", None)
    group, user, contact = (
        _one(each) for each in (job.owner_group, job.owner_user, job.contact_email)
    )
    contact = contact.replace("$token", correlation) if contact else ""
    # Absent when unset, never null (specification: job.document).
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
        "statusCode": chosen or code,
        "statusMessage": chosen or message,
        "jobParams": params,
        "contactEmail": contact,
        "configVersion": version_of(site),
        "jobResultObject": {},
        "__v": 0,
    }


def _one(values: frozenset[str | None]) -> str | None:
    return next(iter(sorted(values, key=str)), None)
