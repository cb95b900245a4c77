"""Job documents: make a new one, and apply an update to a stored one.

See specification: job.document, create.body, update.body, update.merge-patch.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.access import RequestCaller
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.failures import crash
from scicat_harness.embedded.javascript import as_text, now, truthy
from scicat_harness.embedded.ownership import ResolvedOwnership
from scicat_harness.embedded.store import Document

__all__ = ["Patch", "new_job"]


def new_job(
    backend: EmbeddedBackend, caller: RequestCaller, body: Document, owner: ResolvedOwnership
) -> Document:
    """Return the document of a new job, with its fields in the order of the real backend.

    A truthy ``jobParams.jobStatusMessage`` is taken out and becomes the first status. Raises
    HttpFailure: 500 if it is an object or a list.
    """
    defect = backend.defect
    # A copy: the context of the actions shows the body as it was sent.
    params = dict(body["jobParams"])
    code, message = _initial_status(backend, params)
    moment = now()
    creator = caller.username
    if defect("stored.created-by.owner"):
        creator = owner.owner_user or creator
    # `_id` and `id` are the same (specification: job.document).
    id_ = str(uuid.uuid4())
    job: Document = {
        "createdBy": creator,
        "updatedBy": creator,
        "createdAt": moment,
        "updatedAt": moment,
        "ownerGroup": _owner_group(backend, caller, owner),
        "accessGroups": [],
        "isPublished": False,
        "_id": id_,
        "id": id_,
        "ownerUser": _owner_user(backend, caller, owner),
        "type": body["type"],
        "statusCode": code,
        "statusMessage": message,
        "jobParams": {} if defect("stored.job-params.dropped") else params,
        "contactEmail": _contact_email(backend, caller, owner),
        "configVersion": "" if defect("stored.config-version.empty") else backend.config.version,
        "jobResultObject": {},
        "__v": 0,
    }
    # An unset owner user or owner group is absent, never null.
    return {key: value for key, value in job.items() if value is not None}


def _initial_status(backend: EmbeddedBackend, params: Document) -> tuple[str, str]:
    code = backend.settings.job_default_status_code
    message = backend.settings.job_default_status_message
    if backend.defect("stored.status-code.setting-ignored"):
        code, message = "jobSubmitted", "Job submitted."
    if backend.defect("stored.status-code.wrong-default"):
        code = "jobCreated"
    if backend.defect("stored.status-message.wrong-default"):
        message = "Job has been created."
    if truthy(params.get("jobStatusMessage")):
        given = params.pop("jobStatusMessage")
        # Observed: 500, and only now, after all checks of the request have passed.
        if isinstance(given, list | dict):
            raise crash()
        if not backend.defect("stored.status-code.request-ignored"):
            code = message = as_text(given)
    return code, message


def _owner_user(
    backend: EmbeddedBackend, caller: RequestCaller, owner: ResolvedOwnership
) -> str | None:
    if backend.defect("stored.owner-user.creator"):
        return caller.username if caller.authenticated else None
    return None if backend.defect("stored.owner-user.dropped") else owner.owner_user


def _owner_group(
    backend: EmbeddedBackend, caller: RequestCaller, owner: ResolvedOwnership
) -> str | None:
    if backend.defect("stored.owner-group.first-of-caller"):
        return caller.groups[0] if caller.groups else None
    return None if backend.defect("stored.owner-group.dropped") else owner.owner_group


def _contact_email(
    backend: EmbeddedBackend, caller: RequestCaller, owner: ResolvedOwnership
) -> str:
    if backend.defect("stored.contact-email.creator"):
        return caller.email or ""
    return "" if backend.defect("stored.contact-email.empty") else owner.contact_email


@dataclass(frozen=True, slots=True)
class Patch:
    """A valid v4 update body; ``merge`` is True for a merge patch (RFC 7396).

    Without ``merge`` the body replaces ``jobResultObject`` as a whole.
    """

    body: Document
    merge: bool

    def applied(self, backend: EmbeddedBackend, caller: RequestCaller, job: Document) -> Document:
        """Return the changed job; the given document is not modified."""
        changed = dict(job)
        if not backend.defect("update.status-dropped"):
            changed["statusCode"] = self.body["statusCode"]
            changed["statusMessage"] = self.body["statusMessage"]
        if not backend.defect("update.result-dropped"):
            changed.update(self._results(backend, job))
        changed["updatedBy"] = _updater(backend, caller, job)
        changed["updatedAt"] = now()
        if backend.defect("update.owner-group-changed"):
            changed["ownerGroup"] = caller.groups[0] if caller.groups else "nobody"
        if backend.defect("update.owner-user-changed"):
            changed["ownerUser"] = caller.username
        if backend.defect("update.config-version-changed"):
            changed["configVersion"] = f"{backend.config.version}-updated"
        return changed

    def _results(self, backend: EmbeddedBackend, job: Document) -> Document:
        """Return the fields of the job that ``jobResultObject`` in the body changes."""
        merge = self._merges(backend)
        if "jobResultObject" not in self.body:
            return {}
        given = self.body["jobResultObject"]
        # Observed: a merge patch with null changes nothing, a plain null is stored.
        if given is None:
            keep = merge or backend.defect("patch.null-result-kept")
            return {} if keep else {"jobResultObject": None}
        changes: Document = {}
        rest = dict(given)
        moves = not backend.defect("patch.execution-time-not-moved")
        # A field of v3 jobs that v4 keeps among the parameters (specification: update.body).
        if truthy(rest.get("executionTime")) and moves:
            changes["jobParams"] = {
                **job["jobParams"],
                "executionTime": rest.pop("executionTime"),
            }
        changes["jobResultObject"] = _merged(job.get("jobResultObject"), rest) if merge else rest
        return changes

    def _merges(self, backend: EmbeddedBackend) -> bool:
        if backend.defect("patch.merge-as-replace"):
            return False
        return self.merge or backend.defect("patch.replace-as-merge")


def _updater(backend: EmbeddedBackend, caller: RequestCaller, job: Document) -> Any:
    if backend.defect("update.updated-by.unchanged"):
        return job["updatedBy"]
    if backend.defect("update.updated-by.owner"):
        return job.get("ownerUser", caller.username)
    return caller.username


def _merged(target: object, patch: object) -> object:
    """Return ``target`` with a merge patch applied, as in RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result
