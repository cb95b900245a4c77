"""The form of every reply: its headers, its media type and the keys of its body.

No rule of a request changes them, so that they are tables. Sources: specification: reply,
job.document, v3.read; headers as observed on v4.20.2 to v5.2.1 without a proxy in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["BODILESS", "ERROR_FORMS", "HEADERS", "INTERNAL_ERROR", "MEDIA_TYPE", "as_v3"]

HEADERS = frozenset(
    {
        "access-control-allow-origin",
        "connection",
        "content-length",
        "content-type",
        "date",
        "etag",
        "keep-alive",
        "x-powered-by",
    }
)
"""Names of the headers that a reply of the backend may have, in lower case."""

MEDIA_TYPE = "application/json; charset=utf-8"

BODILESS = frozenset({204, 304})
"""Statuses without a body; an error action may configure any status."""

ERROR_FORMS: tuple[frozenset[str], ...] = (
    frozenset({"message", "error", "statusCode"}),
    frozenset({"status", "message"}),
    frozenset({"message", "error"}),
    # Of an HTTP error that has a status only, such as that of a route that does not exist.
    frozenset({"message", "statusCode"}),
)
"""The keys of an error's body: one of these sets, no more and no less."""

INTERNAL_ERROR = "Internal server error"
"""The body of every error that is no HTTP error, as JSON text."""


def as_v3(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored job as v3 shows it to whoever may read it (specification: v3.read).

    ``document`` is the job as v4 shows it. Fields without a value are left out.
    """
    params = document.get("jobParams")
    others = dict(params) if isinstance(params, Mapping) else {}
    execution_time, datasets = others.pop("executionTime", None), others.pop("datasetList", None)
    username = others.pop("username", None) or document.get("ownerUser")
    shown = {
        "_id": document.get("_id"),
        "id": document.get("id"),
        "emailJobInitiator": document.get("contactEmail"),
        "type": document.get("type"),
        "creationTime": document.get("createdAt"),
        "executionTime": execution_time,
        "jobParams": {"username": username, **others} if username else others,
        "jobStatusMessage": document.get("statusCode"),
        "datasetList": datasets,
        "jobResultObject": document.get("jobResultObject"),
    }
    return {key: value for key, value in shown.items() if value}
