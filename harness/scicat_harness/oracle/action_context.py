"""Scenes: what the actions of one operation can see, as far as a prediction needs it.

The template context (documentation page jobconfig.md; observed v5.2.1): ``request`` as it was
sent, ``job`` as it is stored, ``datasets`` in the order of their pids. Values that only a run
knows stand as ``$name``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.model.action import Rabbitmq, bindings_of
from scicat_harness.model.dataset import Dataset, ListShape
from scicat_harness.model.outcome import StoredJob
from scicat_harness.model.request import Api, CreateRequest, Operation, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.topics import is_routed

__all__ = ["ActionContext", "create_context", "stored_document", "update_context"]

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ActionContext:
    """An operation before its actions; ``job`` None: there is none to be seen yet."""

    operation: Operation
    job_type: str
    request: Json
    job: Json | None
    datasets: tuple[Json, ...]
    bindings: tuple[Rabbitmq, ...] = ()
    """Every rabbitmq action of the site: each binds its queue for good."""
    turn: int = 0
    env: Mapping[str, str] = field(default_factory=dict)
    """The environment as far as the site sets it."""

    def context(self) -> dict[str, Any]:
        """The roots that a path can start from."""
        seen: dict[str, Any] = {
            "request": self.request,
            "env": self.env,
            "datasets": list(self.datasets),
        }
        return seen if self.job is None else {**seen, "job": self.job}

    def queues(self, action: Rabbitmq) -> list[str]:
        """The queues that get a copy of what an action publishes."""
        bound = (each for each in self.bindings if each.exchange == action.exchange)
        return sorted({each.queue for each in bound if is_routed(action.key, each.key)})

    def stored(self, job: Json) -> ActionContext:
        """The same operation after the job was written."""
        return replace(self, job=job)


def create_context(site: Site, request: CreateRequest) -> ActionContext:
    """What a create's actions see before the job is stored."""
    params: dict[str, Any] = {"run": "$run", "correlation": "$token", **request.params}
    listed = request.datasets.items
    if request.datasets.shape is not ListShape.ABSENT:
        params["datasetList"] = [
            {"pid": f"$pid_{_name(each.alias)}", "files": list(each.files)} for each in listed
        ]
    asked = request.ownership
    owners = {"ownerUser": asked.user, "ownerGroup": asked.group, "contactEmail": asked.email}
    given = {key: value for key, value in owners.items() if value is not None}
    body = {"type": request.job_type, "jobParams": params, **given}
    aliases = tuple(each.alias for each in listed)
    return ActionContext(
        Operation.CREATE,
        request.job_type,
        body,
        None,
        _documents(site, aliases),
        _bindings(site),
        request.turn,
        site.settings,
    )


def update_context(site: Site, request: UpdateRequest) -> ActionContext:
    """What an update's actions see; ``job`` is the one that is stored already."""
    job = request.job
    assert job is not None
    status = request.status or "$token"
    result = {"mark": "$token", **request.result}
    body: dict[str, Any] = {"statusCode": status, "statusMessage": "$token"}
    if request.api is Api.V3:
        body["statusCode"] = body["statusMessage"] = status
    aliases = job.datasets if job.datasets is not None else tuple(site.datasets)[:1]
    owners = {"ownerUser": job.owner_user, "ownerGroup": job.owner_group}
    stored = {
        "type": request.job_type,
        "statusCode": "jobSubmitted",
        **{key: value for key, value in owners.items() if value is not None},
        **({"jobParams": dict(job.params)} if job.params else {}),
    }
    return ActionContext(
        Operation.UPDATE,
        request.job_type,
        {**body, "jobResultObject": result},
        stored,
        _documents(site, aliases),
        _bindings(site),
        env=site.settings,
    )


def stored_document(context: ActionContext, job: StoredJob | None) -> Json:
    """The job as the perform phase sees it, as far as paths in our configurations ask."""
    if context.operation is Operation.UPDATE:
        assert context.job is not None
        return {**context.job, **context.request}
    groups = job.owner_group if job is not None else frozenset()
    group = next(iter(groups)) if len(groups) == 1 else None
    params = dict(context.request["jobParams"])
    # A creator may choose the first status (observed since v4.24.0).
    status = params.pop("jobStatusMessage", None) or "jobSubmitted"
    document = {"type": context.job_type, "jobParams": params, "statusCode": status}
    return document if group is None else {**document, "ownerGroup": group}


def _documents(site: Site, aliases: tuple[str, ...]) -> tuple[Json, ...]:
    # A pid is the run and the alias, so the order of the aliases is that of the pids.
    return tuple(_document(site.dataset(alias)) for alias in sorted(set(aliases)))


def _document(dataset: Dataset) -> Json:
    return dataset.with_fields(
        {
            "pid": f"$pid_{_name(dataset.alias)}",
            "ownerGroup": dataset.owner_group,
            "accessGroups": list(dataset.access_groups),
            "isPublished": dataset.published,
            "datasetlifecycle": {
                "archivable": dataset.archivable,
                "retrievable": dataset.retrievable,
            },
        }
    )


def _name(alias: str) -> str:
    return alias.replace("-", "_")


def _bindings(site: Site) -> tuple[Rabbitmq, ...]:
    types = site.job_types.values()
    return tuple(
        binding
        for each in types
        for binding in (*bindings_of(each.on_create), *bindings_of(each.on_update))
    )
