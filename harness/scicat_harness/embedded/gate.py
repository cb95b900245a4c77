"""The endpoint gate: who may use an endpoint at all, before anything of the request is read.

See specification: endpoint.authorization. It knows the auth values of all types, not those of the
job type in question, and answers 403 ``Forbidden resource``.
"""

from scicat_harness.embedded.access import CallerKind, RequestCaller
from scicat_harness.embedded.backend import EmbeddedBackend

__all__ = ["may_delete", "may_patch", "may_post", "may_read"]

_OPEN_CREATE = frozenset({"#all", "#datasetPublic"})
_USER_CREATE = _OPEN_CREATE | {"#authenticated", "#datasetAccess", "#datasetOwner", "#jobAdmin"}
_USER_UPDATE = frozenset({"#all", "#jobOwnerUser", "#jobOwnerGroup", "#jobAdmin"})


def may_post(backend: EmbeddedBackend, caller: RequestCaller, job_type: object) -> bool:
    """Whether the caller may use POST; the job type matters to no backend that is right."""
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
            return defect("gate.create.update-privileged-passes")
        case CallerKind.PLAIN:
            return _open_to(backend, caller, auths, _USER_CREATE)


def may_patch(backend: EmbeddedBackend, caller: RequestCaller, job_type: object) -> bool:
    """Whether the caller may use PATCH; the job type matters to no backend that is right."""
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
    """Whether the caller may use any of the reading endpoints."""
    return caller.authenticated or backend.defect("gate.read.anonymous-passes")


def may_delete(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    """Whether the caller may use DELETE."""
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
