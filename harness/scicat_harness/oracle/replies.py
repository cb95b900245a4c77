"""The form of every reply: its headers, its media type and the keys of its body.

No rule of a request changes them, so that they are tables. Sources: specification: reply,
job.document, v3.read; headers as observed on v4.20.2 to v5.2.1 without a proxy in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from scicat_harness.model.release import REWRITTEN_CREATE, V3_OWNER_SHOWN, ByRelease, Release
from scicat_harness.model.request import Api

__all__ = [
    "BODILESS",
    "ERROR_FORMS",
    "ERROR_NAMES",
    "HEADERS",
    "INTERNAL_ERROR",
    "MEDIA_TYPE",
    "PREFLIGHT_HEADERS",
    "VIOLATIONS",
    "Form",
    "as_v3",
    "form_of",
]

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

PREFLIGHT_HEADERS = HEADERS | {
    "access-control-allow-headers",
    "access-control-allow-methods",
    "vary",
}
"""The same for the reply to a CORS preflight (OPTIONS)."""

MEDIA_TYPE = "application/json; charset=utf-8"

ERROR_NAMES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    422: "Unprocessable Entity",
}
"""The value of ``error`` by status, in an error with ``message``, ``error`` and ``statusCode``."""

VIOLATIONS = (
    frozenset({"property", "constraints"}),
    # An item that is no object has no property.
    frozenset({"constraints"}),
    frozenset({"pid", "nonExistFiles"}),
)
"""Keys of the items of ``error`` in an error without ``statusCode``: a list of datasets in JSON."""

BODILESS = frozenset({204, 304})
"""Statuses without a body; an error action may configure any status."""

_FORMS: tuple[frozenset[str], ...] = (
    frozenset({"message", "error", "statusCode"}),
    frozenset({"status", "message"}),
    frozenset({"message", "error"}),
    # Of an HTTP error that has a status only, such as that of a route that does not exist.
    frozenset({"message", "statusCode"}),
)

ERROR_FORMS: ByRelease[tuple[frozenset[str], ...]] = ByRelease(
    # Of refused datasets and files (observed v4.20.2 to v5.0.1).
    (*_FORMS, frozenset({"status", "message", "error"})),
    ((REWRITTEN_CREATE, _FORMS),),
)
"""The keys of an error's body: one of these sets, no more and no less."""

INTERNAL_ERROR = "Internal server error"
"""The body of every error that is no HTTP error, as JSON text."""


Form = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Turns a stored job into the document that a reply shows of it."""


def form_of(api: Api, release: Release) -> Form:
    """Return the form of the jobs in replies of this API; v4 shows them as they are stored."""
    return _unchanged if api is Api.V4 else partial(as_v3, release=release)


def _unchanged(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return document


def as_v3(document: Mapping[str, Any], release: Release) -> dict[str, Any]:
    """Return a stored job as v3 shows it to whoever may read it (specification: v3.read).

    Fields without a value are left out, which releases before v4.26.0 show as empty.
    """
    params = document.get("jobParams")
    others = dict(params) if isinstance(params, Mapping) else {}
    execution_time, datasets = others.pop("executionTime", None), others.pop("datasetList", None)
    username = others.pop("username", None)
    if release >= V3_OWNER_SHOWN:
        username = username or document.get("ownerUser")
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
