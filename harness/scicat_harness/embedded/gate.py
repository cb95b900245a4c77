"""Endpoint authorization: may a caller use an endpoint of jobs at all?

See specification: endpoint.authorization. It depends on the caller and the auth values of all job
types, not on the type of the request. A refusal is 403 ``Forbidden resource``.
"""

from scicat_harness.embedded.access import CallerKind, RequestCaller
from scicat_harness.embedded.backend import EmbeddedBackend

__all__ = ["may_delete", "may_patch", "may_post", "may_read"]

# The create values that open POST to anonymous callers (before v4.27.0 only #all).
_OPEN_CREATE = frozenset({"#all", "#datasetPublic"})
# Those that open it to every user. #jobAdmin is one of them, though it admits no plain user later.
_USER_CREATE = _OPEN_CREATE | {"#authenticated", "#datasetAccess", "#datasetOwner", "#jobAdmin"}
_USER_UPDATE = frozenset({"#all", "#jobOwnerUser", "#jobOwnerGroup", "#jobAdmin"})


def may_post(backend: EmbeddedBackend, caller: RequestCaller, job_type: object) -> bool:
    """Return whether the caller may use POST.

    POST is as open as the most permissive job type makes it. ``job_type`` matters only to the
    defect ``gate.create.per-type``.
    """
    defect = backend.defect
    if defect("gate.create.missing"):
        return True
    auths = backend.config.create_auths()
    if defect("gate.create.per-type"):
        auths = frozenset(
            known.create.auth for known in backend.config.types.values() if known.name == job_type
        )
    match backend.kind(caller):
        case CallerKind.ANONYMOUS:
            opening = set(_OPEN_CREATE)
            if defect("gate.create.anonymous-by-dataset-access"):
                opening.add("#datasetAccess")
            if defect("gate.create.anonymous-not-by-dataset-public"):
                opening.remove("#datasetPublic")
            return not auths.isdisjoint(opening)
        case CallerKind.ADMIN | CallerKind.CREATE_PRIVILEGED:
            return True
        case CallerKind.UPDATE_PRIVILEGED:
            # Not even for #all: privileges replace the rights of a plain user (privileged.groups).
            return defect("gate.create.update-privileged-passes")
        case CallerKind.PLAIN:
            return _open_to(backend, caller, auths, _USER_CREATE)


def may_patch(backend: EmbeddedBackend, caller: RequestCaller, job_type: object) -> bool:
    """Return whether the caller may use PATCH.

    Anonymous callers pass if a type has ``#all``, contrary to one table of the documentation.
    ``job_type`` matters only to the defect ``gate.update.per-type``.
    """
    defect = backend.defect
    if defect("gate.update.missing"):
        return True
    auths = backend.config.update_auths()
    if defect("gate.update.per-type"):
        auths = frozenset(
            known.update.auth for known in backend.config.types.values() if known.name == job_type
        )
    match backend.kind(caller):
        case CallerKind.ANONYMOUS:
            return "#all" in auths and not defect("gate.update.anonymous-refused")
        case CallerKind.ADMIN | CallerKind.UPDATE_PRIVILEGED:
            return True
        case CallerKind.CREATE_PRIVILEGED:
            return defect("gate.update.create-privileged-passes")
        case CallerKind.PLAIN:
            return _open_to(backend, caller, auths, _USER_UPDATE)


def may_read(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    """Return whether the caller may use the GET endpoints: every user, no anonymous caller."""
    return caller.authenticated or backend.defect("gate.read.anonymous-passes")


def may_delete(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    """Return whether the caller may use DELETE: members of ``DELETE_JOB_GROUPS`` only."""
    defect = backend.defect
    if defect("delete.group-refused"):
        return False
    if defect("delete.anybody-with-a-login") and caller.authenticated:
        return True
    if defect("delete.admin-passes") and backend.kind(caller) is CallerKind.ADMIN:
        return True
    return backend.policy.deletes_jobs(caller)


def _open_to(
    backend: EmbeddedBackend,
    caller: RequestCaller,
    auths: frozenset[str | None],
    for_users: frozenset[str],
) -> bool:
    if not auths.isdisjoint(for_users) or caller.username in auths:
        return True
    named = (auth[1:] for auth in auths if auth and auth.startswith("@"))
    return any(backend.policy.belongs(caller.groups, group) for group in named)
