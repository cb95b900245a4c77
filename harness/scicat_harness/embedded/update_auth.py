"""Instance authorization of an update: does an auth value admit a caller to a stored job?

See specification: update.authorization. Admins and update-privileged callers pass for every value.
Endpoint authorization has stopped create-privileged callers before.
"""

from scicat_harness.embedded.access import CallerKind, RequestCaller
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.store import Document

__all__ = ["admits"]


def admits(
    backend: EmbeddedBackend, caller: RequestCaller, auth: str | None, job: Document
) -> bool:
    """Return whether ``update.auth`` admits the caller; ``auth`` is None if it is missing.

    ``#authenticated`` and the ``#dataset`` values are create values; here they admit nobody.
    """
    match backend.kind(caller):
        case CallerKind.ADMIN:
            return _admits_admin(backend, auth)
        case CallerKind.UPDATE_PRIVILEGED:
            return _admits_update_privileged(backend, auth)
        case CallerKind.ANONYMOUS:
            return _admits_anonymous(backend, auth, job)
        # Create-privileged callers get here only by gate.update.create-privileged-passes.
        case CallerKind.CREATE_PRIVILEGED | CallerKind.PLAIN:
            return _admits_plain(backend, caller, auth, job)


def _admits_admin(backend: EmbeddedBackend, auth: str | None) -> bool:
    defect = backend.defect
    if auth == "#jobAdmin" and defect("update.auth.job-admin.refuses-admin"):
        return False
    return not (auth is None and defect("update.auth.missing.refuses-admin"))


def _admits_update_privileged(backend: EmbeddedBackend, auth: str | None) -> bool:
    defect = backend.defect
    if auth == "#jobAdmin" and defect("update.auth.job-admin.refuses-update-privileged"):
        return False
    return not (auth is None and defect("update.auth.missing.refuses-update-privileged"))


def _admits_anonymous(backend: EmbeddedBackend, auth: str | None, job: Document) -> bool:
    if auth != "#all" or backend.defect("update.auth.all.refuses-anonymous"):
        return False
    if backend.defect("update.auth.all.admits-anonymous-to-owned-jobs"):
        return True
    # Documented: #all admits everybody. Observed: not anonymous callers to owned jobs.
    return "ownerGroup" not in job


def _admits_plain(
    backend: EmbeddedBackend, caller: RequestCaller, auth: str | None, job: Document
) -> bool:
    defect = backend.defect
    match auth:
        case "#all":
            return not defect("update.auth.all.refuses-plain")
        # The owner user, not the creator: a job created for others is theirs to update.
        case "#jobOwnerUser":
            return _admits_owner(backend, caller, job)
        case "#jobOwnerGroup":
            if defect("update.auth.job-owner-group.admits-stranger"):
                return True
            if defect("update.auth.job-owner-group.refuses-member"):
                return False
            return backend.policy.belongs(caller.groups, job.get("ownerGroup"))
        case "#jobAdmin":
            return defect("update.auth.job-admin.admits-plain")
        case None:
            return defect("update.auth.missing.admits-plain")
        case group if group.startswith("@"):
            return _admits_group(backend, caller, group[1:], job)
        case name:
            return _admits_user(backend, caller, name)


def _admits_owner(backend: EmbeddedBackend, caller: RequestCaller, job: Document) -> bool:
    defect = backend.defect
    if defect("update.auth.job-owner-user.admits-stranger"):
        return True
    if defect("update.auth.job-owner-user.refuses-owner"):
        return False
    owner = "createdBy" if defect("update.auth.job-owner-user.means-creator") else "ownerUser"
    return bool(job.get(owner) == caller.username)


def _admits_group(
    backend: EmbeddedBackend, caller: RequestCaller, group: str, job: Document
) -> bool:
    defect = backend.defect
    if defect("update.auth.group.admits-stranger"):
        return True
    if defect("update.auth.group.refuses-member"):
        return False
    if defect("update.auth.group.also-demands-job-owner"):
        owned = backend.policy.belongs(caller.groups, job.get("ownerGroup"))
        return owned and backend.policy.belongs(caller.groups, group)
    return backend.policy.belongs(caller.groups, group)


def _admits_user(backend: EmbeddedBackend, caller: RequestCaller, name: str) -> bool:
    defect = backend.defect
    if defect("update.auth.unknown.admits-plain") and name.startswith("#"):
        return True
    if defect("update.auth.user.admits-stranger") and not name.startswith("#"):
        return True
    if defect("update.auth.user.refuses-user"):
        return False
    if defect("update.auth.user.matches-group") and name in caller.groups:
        return True
    return caller.username == name
