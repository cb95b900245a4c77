"""The context of actions: request, job, datasets and environment, as far as predictions need them.

``request`` is the body as it was sent, ``job`` the stored document, ``datasets`` are in the order
of their pids. Values that only a run knows are written as ``$name``, such as ``$token``. Source:
specification: templates.context; documentation page jobconfig.md; observed v5.2.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.model.action import Rabbitmq
from scicat_harness.model.dataset import ListShape
from scicat_harness.model.outcome import StoredJob
from scicat_harness.model.request import Api, CreateRequest, Operation, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.actions.topics import is_routed
from scicat_harness.oracle.datasets import dataset_document
from scicat_harness.oracle.javascript import DateValue

__all__ = [
    "ActionContext",
    "create_context",
    "stored_document",
    "update_context",
]

Json = Mapping[str, Any]
_RUN = "harness-0123abcd"
_STAND_INS = {
    "run": _RUN,
    "token": f"{_RUN}-main-0000000",
    "other": f"{_RUN}-main-0000000",
    "pid_": f"{_RUN}/",
}
_NAMED = re.compile(r"\$(run|token|other|pid_)")
_FIRST_MESSAGE = "Job submitted."
_TIMES = {"createdAt": DateValue("$created_at"), "updatedAt": DateValue("$updated_at")}


@dataclass(frozen=True, slots=True)
class ActionContext:
    """The context in which the actions of one operation run.

    ``job`` is None while a create is validated: no job is stored yet. ``turn`` is the number of
    earlier requests of the check, None where those of other checks come in between.
    """

    operation: Operation
    job_type: str
    request: Json
    job: Json | None
    datasets: tuple[Json, ...]
    bindings: tuple[Rabbitmq, ...] = ()
    """Every rabbitmq action of the site, because a queue stays bound once one has published."""
    turn: int | None = 0
    version: str = ""
    """The ``configVersion``, "" where it is a fingerprint that only the run knows."""
    env: Mapping[str, str] = field(default_factory=dict)
    """The environment of the backend, as far as the site sets it."""
    updater: str = ""
    """Who sends an update; "" for a create."""

    def context(self) -> dict[str, Any]:
        """Return the objects that a JSONPath can start from, by their names.

        ``job`` is left out where it is undefined, so that a path to it selects nothing.
        """
        roots: dict[str, Any] = {
            "request": self.request,
            "env": self.env,
            "datasets": list(self.datasets),
        }
        roots = roots if self.job is None else {**roots, "job": self.job}
        # A schema or a switch of a facility may look at what a run puts into its requests.
        return (
            {name: _of_a_run(each) for name, each in roots.items()} if self.turn is None else roots
        )

    def queues(self, action: Rabbitmq) -> list[str]:
        """Return the queues that get a copy of the message of an action, sorted by name.

        All queues that are bound with a matching key get one, those of other actions included.
        """
        bound = (each for each in self.bindings if each.exchange == action.exchange)
        return sorted({each.queue for each in bound if is_routed(action.key, each.key)})

    def stored(self, job: Json) -> ActionContext:
        """Return the context after the job was stored or changed."""
        return replace(self, job=job)


def _of_a_run(value: Any) -> Any:
    """Return a value with texts as long as those of a run in the place of names such as $token."""
    if isinstance(value, DateValue):
        return value
    if isinstance(value, str):
        return _NAMED.sub(lambda found: _STAND_INS[found[1]], value) if "$" in value else value
    if isinstance(value, Mapping):
        return {key: _of_a_run(each) for key, each in value.items()}
    return [_of_a_run(each) for each in value] if isinstance(value, list) else value


def create_context(site: Site, request: CreateRequest) -> ActionContext:
    """Return the context of a create before the job is stored."""
    # So that the job of a request can be found again.
    marks = {"run": "$run", "correlation": "$token"} if request.marked else {}
    params: dict[str, Any] = {**marks, **request.params}
    listed = request.datasets.items
    if request.datasets.shape is not ListShape.ABSENT:
        params["datasetList"] = [
            {"pid": f"$pid_{_name(each.alias)}", "files": list(each.files)} for each in listed
        ]
    requested = request.ownership
    owners = {
        "ownerUser": requested.user,
        "ownerGroup": requested.group,
        "contactEmail": requested.email,
    }
    # The request has the keys that were sent; a path to another one selects nothing.
    given = {key: value for key, value in owners.items() if value is not None}
    body = {"type": request.job_type, "jobParams": params, **given}
    aliases = tuple(each.alias for each in listed)
    return ActionContext(
        Operation.CREATE,
        request.job_type,
        body,
        None,
        _documents(site, aliases),
        site.bindings,
        _turn(site, request.turn),
        site.version,
        site.settings,
    )


def update_context(site: Site, request: UpdateRequest, updater: str) -> ActionContext:
    """Return the context of an update before the change; ``job`` is the stored one.

    ``updater`` is the name of the caller.
    """
    job = request.job
    assert job is not None
    status = "$token" if request.status is None else request.status
    result = {**({"mark": "$token"} if request.marked else {}), **request.result}
    message = "$token" if request.message is None else request.message
    body: dict[str, Any] = {"statusCode": status, "statusMessage": message}
    # jobStatusMessage of v3 becomes both fields (specification: v3.update).
    if request.api is Api.V3:
        body["statusCode"] = body["statusMessage"] = status
    aliases = job.datasets if job.datasets is not None else tuple(site.datasets)[:1]
    # All jobs that updates are tried on are made by the janitor.
    owners = {"ownerUser": job.owner_user, "ownerGroup": job.owner_group}
    # The token in an address is that of the create.
    address = job.contact.replace("$token", "$other") if job.contact is not None else None
    contact = {"contactEmail": address} if address is not None else {}
    version = {"configVersion": site.version} if site.version else {}
    stored = {
        "type": request.job_type,
        "createdBy": site.janitor,
        **contact,
        **version,
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
        site.bindings,
        _turn(site, 0),
        site.version,
        site.settings,
        updater,
    )


def _turn(site: Site, turn: int) -> int | None:
    # Job types of our own sites have one check each; a facility's have many, in any order.
    return turn if site.marked else None


def stored_document(context: ActionContext, job: StoredJob | None) -> Json:
    """Return the job of the perform phase, as far as it is known before a run.

    ``job`` is the predicted ownership of a create, None for an update. Its id is not known; a
    facility's switch on it is not planned.
    """
    if context.operation is Operation.UPDATE:
        assert context.job is not None
        return {**context.job, **context.request, **_TIMES, "updatedBy": context.updater}
    params = dict(context.request["jobParams"])
    # A creator may choose the first status (observed since v4.24.0).
    chosen = params.pop("jobStatusMessage", None)
    document = {
        "type": context.job_type,
        "jobParams": params,
        "statusCode": chosen or context.env.get("JOB_DEFAULT_STATUS_CODE") or "jobSubmitted",
        "statusMessage": chosen or context.env.get("JOB_DEFAULT_STATUS_MESSAGE") or _FIRST_MESSAGE,
        "jobResultObject": {},
        **_TIMES,
        **({"configVersion": context.version} if context.version else {}),
    }
    return document if job is None else {**document, **_owners(job)}


def _owners(job: StoredJob) -> Json:
    """Return the owner fields of a job; one of several candidates cannot be predicted."""
    found: dict[str, Any] = {"createdBy": job.created_by, "updatedBy": job.created_by}
    candidates = {
        "ownerUser": job.owner_user,
        "ownerGroup": job.owner_group,
        "contactEmail": job.contact_email,
    }
    for name, values in candidates.items():
        value = next(iter(values)) if len(values) == 1 else None
        if value is not None:
            found[name] = value
    return found


def _documents(site: Site, aliases: tuple[str, ...]) -> tuple[Json, ...]:
    # A pid is the run and the alias, so the order of the aliases is that of the pids.
    datasets = (site.dataset(alias) for alias in sorted(set(aliases)))
    return tuple(
        dataset_document(each, f"$pid_{_name(each.alias)}", site.janitor) for each in datasets
    )


def _name(alias: str) -> str:
    return alias.replace("-", "_")
