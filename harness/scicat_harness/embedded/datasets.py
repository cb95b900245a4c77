"""The endpoints of datasets and origdatablocks, v3 and v4.

See specification: datasets. Only what job scenarios need: no lists, no datablocks, no attachments.
"""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from scicat_harness.embedded import dataset_rules as rules
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.dataset_bodies import (
    check_dataset,
    check_files,
    check_patch,
    check_pid,
)
from scicat_harness.embedded.dataset_documents import (
    current_names,
    new_block,
    new_dataset,
    obsolete_names,
)
from scicat_harness.embedded.failures import HttpFailure, crash, denial
from scicat_harness.embedded.javascript import now, parse_time
from scicat_harness.embedded.replies import json_reply
from scicat_harness.embedded.requests import JobRequest
from scicat_harness.embedded.store import Document

__all__ = [
    "add_files",
    "add_files_below",
    "create",
    "delete",
    "read",
    "update",
    "update_lifecycle",
]

_TIMES = ("creationTime", "endTime", "startTime")

Handler = Callable[[EmbeddedBackend, JobRequest], Awaitable[Response]]


def create(version: int) -> Handler:
    """Return the handler of ``POST /datasets`` for an API version, 3 or 4.

    It answers 201 with the dataset, 400 for an invalid body, 403 for a caller, owner group or pid
    that is not allowed, and 409 for a pid that exists.
    """

    async def handle(backend: EmbeddedBackend, call: JobRequest) -> Response:
        if not rules.may_create(backend, call.caller):
            raise denial(403, "Forbidden resource")
        body = call.document
        check_dataset(body, version)
        check_pid(body, backend.settings.dataset_pid_pattern)
        # Only now, since it reads the owner group and the pid of a valid body.
        if not rules.may_create_this(backend, call.caller, body):
            raise denial(403, "Unauthorized to create this dataset")
        dataset = new_dataset(backend, call.caller, body, version)
        if dataset["pid"] in backend.store.datasets:
            raise denial(409, f"Dataset with pid {dataset['pid']} already exists")
        backend.store.datasets[dataset["pid"]] = dataset
        return json_reply(_shown(dataset, version), 201)

    return handle


def _shown(dataset: Document, version: int) -> Document:
    return obsolete_names(dataset) if version == 3 else dataset


def read(version: int) -> Handler:
    """Return the handler of ``GET /datasets/:pid`` for an API version.

    It answers 404 for an unknown pid, and 403 for a dataset that is not readable.
    """

    async def handle(backend: EmbeddedBackend, call: JobRequest) -> Response:
        dataset = _found(backend, call.id)
        if not rules.may_read(backend, call.caller, dataset):
            raise denial(403, "Unauthorized access")
        return json_reply(_shown(dataset, version))

    return handle


def update(version: int) -> Handler:
    """Return the handler of ``PATCH /datasets/:pid`` for an API version.

    The members of a lifecycle in the body are merged into the stored lifecycle; any other field
    replaces the stored one.
    """

    async def handle(backend: EmbeddedBackend, call: JobRequest) -> Response:
        if not call.caller.authenticated:
            raise denial(403, "Forbidden resource")
        body = call.document
        check_patch(body, version)
        dataset = _found(backend, call.id)
        if not rules.may_change(backend, call.caller, dataset):
            raise denial(403, "Unauthorized to update this dataset")
        if version == 3:
            body = current_names(body, dataset["type"], creates=False)
        return json_reply(_shown(_change(backend, call, dataset, body), version))

    return handle


async def update_lifecycle(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``PATCH /datasets/:pid/datasetlifecycle``; the body is merged into the lifecycle."""
    if not call.caller.authenticated:
        raise denial(403, "Forbidden resource")
    dataset = _found(backend, call.id)
    if not rules.may_change_lifecycle(backend, call.caller, dataset):
        raise denial(403, "Unauthorized to update this dataset")
    return json_reply(_change(backend, call, dataset, {"datasetlifecycle": call.document}))


async def delete(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``DELETE /datasets/:pid`` with the deleted document.

    Jobs keep the pid in their list and can no longer be updated (specification: update.steps).
    """
    if not rules.may_delete(backend, call.caller):
        raise denial(403, "Forbidden resource")
    _found(backend, call.id)
    return json_reply(backend.store.datasets.pop(call.id))


def add_files(version: int) -> Handler:
    """Return the handler of ``POST /origdatablocks`` for an API version; pid in ``datasetId``."""

    async def handle(backend: EmbeddedBackend, call: JobRequest) -> Response:
        pid = call.document.get("datasetId")
        return _added(backend, call, pid, version)

    return handle


async def add_files_below(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``POST /datasets/:pid/origdatablocks``, which exists on v3 only.

    The pid is that of the path. ``ownerGroup`` is refused with 400; it is that of the dataset.
    """
    if "ownerGroup" in call.document:
        raise HttpFailure(400, {"status": 400, "message": "property ownerGroup should not exist"})
    return _added(backend, call, call.id, 3)


def _added(backend: EmbeddedBackend, call: JobRequest, pid: object, version: int) -> Response:
    # Endpoint authorization comes before validation, here as for jobs.
    if not call.caller.authenticated:
        raise denial(403, "Forbidden resource")
    check_files(call.document, version)
    dataset = backend.store.datasets.get(pid) if isinstance(pid, str) else None
    if dataset is None:
        raise denial(400, f"Dataset with pid {pid} does not exist")
    if not rules.may_add_files(backend, call.caller, dataset, version):
        raise denial(403, "Unauthorized access")
    block = new_block(call.caller, dataset, call.document)
    backend.store.add_block(block)
    # The catalogue counts what its origdatablocks hold, whatever the dataset was made with.
    blocks = list(backend.store.find_blocks([dataset["pid"]]))
    counted = {
        "numberOfFiles": sum(len(each["dataFileList"]) for each in blocks),
        "size": sum(each["size"] for each in blocks),
    }
    backend.store.datasets[dataset["pid"]] = {**dataset, **counted}
    return json_reply(block, 201)


def _found(backend: EmbeddedBackend, pid: str) -> Document:
    dataset = backend.store.datasets.get(pid)
    if dataset is None:
        raise denial(404, f"Dataset with pid {pid} does not exist")
    return dataset


def _change(
    backend: EmbeddedBackend, call: JobRequest, dataset: Document, body: Document
) -> Document:
    lifecycle = body.get("datasetlifecycle") or {}
    # A text or a number there is an unforeseen error of the backend, not of the request.
    if not isinstance(lifecycle, dict):
        raise crash()
    times: Document = {key: parse_time(body[key]) for key in _TIMES if key in body}
    # A new document: requests that run at the same time keep the old one.
    changed: Document = {
        **dataset,
        **body,
        **times,
        # The pid cannot be changed; another one in the body is ignored.
        "pid": dataset["pid"],
        "datasetlifecycle": {**dataset["datasetlifecycle"], **lifecycle},
        "updatedBy": call.caller.username,
        "updatedAt": now(),
    }
    backend.store.datasets[dataset["pid"]] = changed
    return changed
