"""Bodies of requests: the requests of the model as JSON for v3 and v4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scicat_harness.model.dataset import DatasetList, ListShape
from scicat_harness.model.request import (
    CORRELATION_DOMAIN,
    Api,
    BodyFault,
    CreateRequest,
    PatchForm,
    UpdateRequest,
)

__all__ = ["Marks", "create_body", "update_body"]

Json = dict[str, Any]
Marks = Mapping[str, str]
"""Members of ``jobParams`` in every job of a run, by which it finds its jobs: ``run``,
``correlation`` and others."""


def create_body(request: CreateRequest, pids: Mapping[str, str], marks: Marks) -> Json:
    """Return the POST body of a create; ``pids`` maps dataset aliases to pids.

    ``$token`` and ``$run`` in the parameters are filled in from ``marks``. See specification:
    create.body, v3.create.
    """
    build = _create_v4 if request.api is Api.V4 else _create_v3
    return build(request, pids, marks)


def _filled(value: Any, marks: Marks) -> Any:
    """Return a parameter with ``$token`` and ``$run`` filled in, at every depth."""
    if isinstance(value, str):
        filled = value.replace("$token", marks.get("correlation", ""))
        return filled.replace("$run", marks.get("run", ""))
    if isinstance(value, Mapping):
        return {key: _filled(each, marks) for key, each in value.items()}
    return [_filled(each, marks) for each in value] if isinstance(value, list) else value


def _create_v4(request: CreateRequest, pids: Mapping[str, str], marks: Marks) -> Json:
    params: Json = {**(marks if request.marked else {}), **_filled(request.params, marks)}
    if request.datasets.shape is not ListShape.ABSENT:
        params["datasetList"] = _dataset_list(request.datasets, pids)
    asked = request.ownership
    body: Json = {"type": request.job_type, "jobParams": params}
    _put(body, "ownerUser", asked.user)
    _put(body, "ownerGroup", asked.group)
    _put(body, "contactEmail", _filled(asked.email, marks))
    return _with_create_fault(body, request.fault, marks)


def _create_v3(request: CreateRequest, pids: Mapping[str, str], marks: Marks) -> Json:
    asked = request.ownership
    params: Json = {**marks, **_filled(request.params, marks)}
    # v3 has no owner fields: it reads both from the parameters (specification: v3.create,
    # v3.owner-group).
    _put(params, "username", asked.user)
    _put(params, "ownerGroup", asked.group)
    body: Json = {"type": request.job_type, "jobParams": params}
    if request.datasets.shape is not ListShape.ABSENT:
        body["datasetList"] = _dataset_list(request.datasets, pids)
    _put(body, "emailJobInitiator", asked.email)
    # v3 drops unknown keys and owner fields silently, so that those are no faults there.
    if request.fault is BodyFault.EMAIL_MALFORMED:
        body["emailJobInitiator"] = "not an address"
    elif request.fault is BodyFault.TYPE_MISSING:
        del body["type"]
    elif request.fault is BodyFault.TYPE_NUMBER:
        body["type"] = 5
    return body


def _put(target: Json, key: str, value: str | None) -> None:
    if value is not None:
        target[key] = value


def _dataset_list(listed: DatasetList, pids: Mapping[str, str]) -> Any:
    items = [{"pid": pids[each.alias], "files": list(each.files)} for each in listed.items]
    # A real pid, so that only the shape of the list is wrong.
    some_pid = next(iter(pids.values()), "none")
    malformed: dict[ListShape, Any] = {
        ListShape.NULL: None,
        ListShape.TEXT: "text",
        ListShape.OBJECT: {"pid": some_pid, "files": []},
        ListShape.ITEM_TEXT: [some_pid],
        ListShape.ITEM_WITHOUT_PID: [{"files": []}],
        ListShape.ITEM_EMPTY_PID: [{"pid": "", "files": []}],
        ListShape.ITEM_NUMBER_PID: [{"pid": 5, "files": []}],
        ListShape.ITEM_WITHOUT_FILES: [{"pid": some_pid}],
        ListShape.ITEM_FILES_TEXT: [{"pid": some_pid, "files": "run/a.h5"}],
        ListShape.ITEM_FILE_NUMBER: [{"pid": some_pid, "files": [1]}],
        ListShape.ITEM_EXTRA_KEY: [{"pid": some_pid, "files": [], "extra": 1}],
    }
    return malformed.get(listed.shape, items)


def _with_create_fault(body: Json, fault: BodyFault, marks: Marks) -> Json:
    faults: dict[BodyFault, Json] = {
        BodyFault.TYPE_NUMBER: {"type": 5},
        BodyFault.PARAMS_LIST: {"jobParams": [dict(marks)]},
        BodyFault.UNKNOWN_KEY: {"statusCode": "finished"},
        BodyFault.EMAIL_MALFORMED: {"contactEmail": "not an address"},
        BodyFault.OWNER_USER_NUMBER: {"ownerUser": 5},
        BodyFault.OWNER_GROUP_OBJECT: {"ownerGroup": {}},
    }
    removed = {BodyFault.TYPE_MISSING: "type", BodyFault.PARAMS_MISSING: "jobParams"}
    body.update(faults.get(fault, {}))
    if fault in removed:
        del body[removed[fault]]
    # Without parameters only the contact can carry the correlation.
    if fault is BodyFault.PARAMS_MISSING and "correlation" in marks:
        body["contactEmail"] = f"{marks['correlation']}@{CORRELATION_DOMAIN}"
    return body


def update_body(request: UpdateRequest, mark: str) -> Json:
    """Return the PATCH body of an update, with the correlation ``mark`` in every field.

    So a settlement finds any part that a backend writes, even of a malformed body. A status of the
    request replaces the mark in ``statusCode``, its message that in ``statusMessage``. See
    specification: update.body, v3.update.
    """
    own = {"mark": mark} if request.marked else {}
    result: Any = {**own, **_filled(request.result, {"correlation": mark})}
    status = request.status if request.status is not None else mark
    message = request.message if request.message is not None else mark
    # A merge patch has the names of v4 fields on v3, too, which v3 drops since v4.24.0
    # (specification: update.merge-patch).
    if request.api is Api.V3 and request.form is PatchForm.REPLACE:
        return {"jobStatusMessage": status, "jobResultObject": result}
    body: Json = {"statusCode": status, "statusMessage": message, "jobResultObject": result}
    if request.fault is BodyFault.STATUS_CODE_MISSING:
        del body["statusCode"]
    elif request.fault is BodyFault.STATUS_MESSAGE_MISSING:
        del body["statusMessage"]
    elif request.fault is BodyFault.RESULT_TEXT:
        body["jobResultObject"] = mark
    elif request.fault is BodyFault.UNKNOWN_KEY:
        body["ownerGroup"] = mark
    return body
