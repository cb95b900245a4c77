"""Whole job documents: what a create stores, and what an update makes of a stored job.

Sources: specification: job.document, create.body, update.body, update.merge-patch, v3.create,
v3.update; observed on v4.20.2 to v5.2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scicat_harness.model.release import PROTOTYPE_KEYS_DROPPED, V3_STATUS_KEPT, Release

__all__ = ["FIELDS", "OF_THE_SERVER", "fixed_part", "new_params", "updated"]

Document = Mapping[str, Any]

OF_THE_SERVER: Document = {"accessGroups": [], "isPublished": False, "__v": 0}
"""Fields that every job has with the same value."""

FIELDS = frozenset(
    {
        *OF_THE_SERVER,
        *("_id", "id", "type", "createdBy", "updatedBy", "createdAt", "updatedAt"),
        *("ownerUser", "ownerGroup", "contactEmail", "configVersion"),
        *("statusCode", "statusMessage", "jobParams", "jobResultObject"),
    }
)
"""All fields of a job; no other one may be stored."""


_CHANGED = frozenset(
    {"updatedBy", "updatedAt", "statusCode", "statusMessage", "jobResultObject", "jobParams"}
)
"""Fields that an update may change; of jobParams only ``executionTime``."""
_DROPPED = frozenset(
    {"constructor", "toString", "valueOf", "hasOwnProperty", "__proto__", "prototype"}
)


def new_params(body: Document, release: Release, *, v3: bool) -> Any:
    """Return the ``jobParams`` of the job that a body of this API creates.

    v3 puts the dataset list into them. A first status in them is taken out, and so are members
    with the names of JavaScript's own (deviation: see ``Quirk.DROPPED_KEYS``).
    """
    params = body.get("jobParams")
    if not isinstance(params, Mapping):
        return params
    stored = dict(params)
    if v3:
        stored["datasetList"] = body.get("datasetList") or []
        if body.get("executionTime"):
            stored["executionTime"] = body["executionTime"]
    if release >= V3_STATUS_KEPT and stored.get("jobStatusMessage"):
        del stored["jobStatusMessage"]
    return _without_dropped(stored) if release >= PROTOTYPE_KEYS_DROPPED else stored


def _without_dropped(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: each for key, each in value.items() if key not in _DROPPED}
        return {key: _without_dropped(each) for key, each in kept.items()}
    return [_without_dropped(each) for each in value] if isinstance(value, list) else value


def fixed_part(document: Document) -> dict[str, Any]:
    """Return the part of a job that no update changes, whatever its body."""
    fixed = {key: value for key, value in document.items() if key not in _CHANGED}
    params = document.get("jobParams")
    if isinstance(params, Mapping):
        fixed["jobParams"] = {key: params[key] for key in params if key != "executionTime"}
    return fixed


def updated(
    before: Document, body: Document, *, merges: bool, updated_by: str, drops_v4: bool = False
) -> dict[str, Any]:
    """Return the document of a job after an update with this body, apart from ``updatedAt``.

    ``body`` has the keys of either API, ``merges`` says that it is merged into the job,
    ``drops_v4`` that the names of v4 mean nothing. The value of ``updatedAt`` stays that of
    ``before``.
    """
    after = {**before, "updatedBy": updated_by}
    if body.get("jobStatusMessage"):
        # v3 has one status, which becomes both.
        after["statusCode"] = after["statusMessage"] = body["jobStatusMessage"]
    if not drops_v4:
        after.update({key: body[key] for key in ("statusCode", "statusMessage") if key in body})
    result = body.get("jobResultObject")
    if not isinstance(result, Mapping):
        return after
    if merges:
        result = _merged(before.get("jobResultObject"), result)
    if result.get("executionTime"):
        moved = {"executionTime": result["executionTime"]}
        after["jobParams"] = {**before.get("jobParams", {}), **moved}
        result = {key: value for key, value in result.items() if key not in moved}
    after["jobResultObject"] = result
    return after


def _merged(target: Any, patch: Any) -> Any:
    """Return the result of a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged
