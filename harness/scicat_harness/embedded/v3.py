"""The v3 dialect of jobs: map request bodies to v4, and job documents back to v3.

See specification: v3.create, v3.update, v3.read. Everything in between is decided as on v4.
"""

from typing import Any

from scicat_harness.embedded.access import RequestCaller
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.create import find_type
from scicat_harness.embedded.failures import crash
from scicat_harness.embedded.filters import V3_NAMES
from scicat_harness.embedded.javascript import truthy
from scicat_harness.embedded.owner_group import ImpliedGroup
from scicat_harness.embedded.query import matches
from scicat_harness.embedded.store import Document

__all__ = ["create_body", "fields_of", "shown", "update_body"]

_HIDDEN = frozenset({"username", "executionTime", "datasetList"})


def create_body(backend: EmbeddedBackend, caller: RequestCaller, body: object) -> Document:
    """Return the v4 create body for a v3 create body.

    Keys that v3 does not know are dropped. Raises HttpFailure: 400 for a type that is missing or
    not configured, 500 for no body and for a dataset list that cannot be mapped.
    """
    if body is None:
        raise crash()
    given = body if isinstance(body, dict) else {}
    if given.get("type") is None and backend.defect("status.missing-type-500"):
        raise crash()
    # Before validation, unlike on v4: the mapping needs the auth value of the type.
    job_type = find_type(backend, given.get("type"))
    params = _spread(given.get("jobParams"))
    listed = _listed(given)
    # Owner fields of the body are dropped; the owner follows from jobParams.username.
    owner = _job_user(backend, caller, params)
    groups = owner.groups if owner else ()
    # The key alone decides, even with null: then the job has no owner group.
    if "ownerGroup" in params and not backend.defect("v3.owner-group.parameter-ignored"):
        owner_group = params["ownerGroup"]
    else:
        owner_group = ImpliedGroup(backend, job_type.create.auth, _pids(listed), groups).find()
    mapped = {
        "type": given["type"],
        "jobParams": _mapped_params(backend, given, params, listed),
        "ownerUser": owner.username if owner else None,
        "ownerGroup": owner_group,
        "contactEmail": _contact(backend, caller, given),
    }
    return {key: value for key, value in mapped.items() if value is not None}


def _mapped_params(
    backend: EmbeddedBackend, given: Document, params: Document, listed: Any
) -> Document:
    defect = backend.defect
    # A list inside jobParams is dropped, even if there is no other.
    mapped = {key: value for key, value in params.items() if key != "datasetList"}
    if not defect("v3.create.dataset-list-dropped"):
        mapped["datasetList"] = listed
    if truthy(given.get("executionTime")) and not defect("v3.create.execution-time-dropped"):
        mapped["executionTime"] = given["executionTime"]
    if truthy(given.get("jobStatusMessage")) and not defect("v3.create.status-message-dropped"):
        mapped["jobStatusMessage"] = given["jobStatusMessage"]
    return mapped


def _contact(backend: EmbeddedBackend, caller: RequestCaller, given: Document) -> Any:
    email = given.get("emailJobInitiator")
    if email and not backend.defect("v3.create.email-dropped"):
        return email
    return caller.email if caller.authenticated else None


def _spread(params: object) -> Document:
    """Return ``{...params}`` of JavaScript: a text becomes an object of its letters."""
    if isinstance(params, dict):
        return dict(params)
    if isinstance(params, str | list):
        return {str(index): value for index, value in enumerate(params)}
    return {}


def _listed(given: Document) -> Any:
    """Return the top-level dataset list as sent, or an empty one."""
    listed = given.get("datasetList")
    return listed if truthy(listed) else []


def _pids(listed: Any) -> tuple[object, ...]:
    """Return the pids that imply an owner group; raise 500 for no list, or null in the list."""
    if not isinstance(listed, list) or None in listed:
        raise crash()
    return tuple(item.get("pid") if isinstance(item, dict) else None for item in listed)


def _job_user(
    backend: EmbeddedBackend, caller: RequestCaller, params: Document
) -> RequestCaller | None:
    """Return the owner user of the job, None if anonymous or unknown.

    ``jobParams.username`` goes into a database query unchecked. So an object such as
    ``{"$ne": null}`` runs as a condition and finds some other user (specification: v3.create).
    """
    if not caller.authenticated:
        return None
    if "username" not in params or backend.defect("v3.create.username-ignored"):
        return caller
    where = {"username": params["username"]}
    found = (account for account in backend.accounts if matches(account.document(), where))
    account = next(found, None)
    return account.caller() if account else None


def update_body(backend: EmbeddedBackend, body: object, job: Document) -> Document:
    """Return the v4 update body for a v3 update body of a job; raise 500 without a body.

    v4 requires a status. Without ``jobStatusMessage`` it is the present one of the job.
    """
    if body is None:
        raise crash()
    given = body if isinstance(body, dict) else {}
    status = given.get("jobStatusMessage")
    if truthy(status) and not backend.defect("v3.update.status-message-dropped"):
        mapped: Document = {"statusCode": status, "statusMessage": status}
    else:
        mapped = {"statusCode": job["statusCode"], "statusMessage": job["statusMessage"]}
    if "jobResultObject" in given:
        mapped["jobResultObject"] = given["jobResultObject"]
    time = given.get("executionTime")
    # Without a result object this makes one, and so empties the stored one (v3.update).
    if truthy(time) and not backend.defect("v3.update.execution-time-dropped"):
        mapped["jobResultObject"] = {
            **_spread(mapped.get("jobResultObject")),
            "executionTime": time,
        }
    return mapped


def shown(backend: EmbeddedBackend, job: Document) -> Document:
    """Return the v3 document of a job or of a projected part of it.

    Empty values are left out. ``username`` is that of ``jobParams``, else the owner user (since
    v4.26.0).
    """
    params = job.get("jobParams")
    params = params if isinstance(params, dict) else {}
    username = params.get("username") or job.get("ownerUser")
    rest = {"username": username} if username else {}
    rest |= {key: params[key] for key in params if key not in _HIDDEN}
    document: Document = {
        "_id": job.get("_id"),
        "id": job.get("id"),
        "emailJobInitiator": job.get("contactEmail"),
        "type": job.get("type"),
        "creationTime": job.get("createdAt"),
        "executionTime": params.get("executionTime"),
        "jobParams": rest,
        # The code under the name of the message; v3 does not show statusMessage.
        "jobStatusMessage": job.get("statusCode"),
        "datasetList": params.get("datasetList"),
        "jobResultObject": job.get("jobResultObject"),
        "datasets": job.get("datasets"),
    }
    if backend.defect("v3.output.status-message-text"):
        document["jobStatusMessage"] = job.get("statusMessage")
    if backend.defect("v3.output.owner-shown"):
        document["ownerUser"] = job.get("ownerUser")
        document["ownerGroup"] = job.get("ownerGroup")
    return {
        key: value
        for key, value in document.items()
        if truthy(value) or (key == "jobResultObject" and key in job)
    }


def fields_of(fields: object) -> object:
    """Return a list of v3 field names as v4 names; any other value unchanged."""
    if not isinstance(fields, list):
        return fields
    return [V3_NAMES.get(name, name) if isinstance(name, str) else name for name in fields]
