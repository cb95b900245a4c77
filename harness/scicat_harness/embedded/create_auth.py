"""Instance authorization of a create: does an auth value admit a caller?

See specification: create.authorization. The datasets have been checked before (specification:
create.dataset-access), so a ``#dataset`` value has nothing left to check but the caller.
"""

from scicat_harness.embedded.access import CallerKind, RequestCaller
from scicat_harness.embedded.backend import EmbeddedBackend

__all__ = ["admits"]


def admits(backend: EmbeddedBackend, caller: RequestCaller, auth: str | None) -> bool:
    """Return whether ``create.auth`` admits the caller; ``auth`` is None if it is missing.

    Admins and create-privileged callers pass for every value, even one that names nobody.
    """
    match backend.kind(caller):
        case CallerKind.ANONYMOUS:
            return _admits_anonymous(backend, auth)
        case CallerKind.ADMIN:
            return _admits_admin(backend, auth)
        case CallerKind.CREATE_PRIVILEGED:
            return _admits_create_privileged(backend, auth)
        # Update-privileged callers get here only by gate.create.update-privileged-passes.
        case CallerKind.UPDATE_PRIVILEGED | CallerKind.PLAIN:
            return _admits_plain(backend, caller, auth)


def _admits_anonymous(backend: EmbeddedBackend, auth: str | None) -> bool:
    defect = backend.defect
    match auth:
        case "#all":
            return not defect("create.auth.all.refuses-anonymous")
        case "#datasetPublic":
            return not defect("create.auth.dataset-public.refuses-anonymous")
        # From here on only defects admit anonymous callers.
        case "#authenticated":
            return defect("create.auth.authenticated.admits-anonymous")
        case "#datasetAccess":
            return defect("create.auth.dataset-access.admits-anonymous")
        case _:
            return False


def _admits_admin(backend: EmbeddedBackend, auth: str | None) -> bool:
    defect = backend.defect
    if auth == "#jobAdmin" and defect("create.auth.job-admin.refuses-admin"):
        return False
    return not (auth is None and defect("create.auth.missing.refuses-admin"))


def _admits_create_privileged(backend: EmbeddedBackend, auth: str | None) -> bool:
    defect = backend.defect
    if auth == "#jobAdmin" and defect("create.auth.job-admin.refuses-create-privileged"):
        return False
    if auth is None and defect("create.auth.missing.refuses-create-privileged"):
        return False
    return not (
        auth is not None
        and defect("create.auth.unknown.refuses-create-privileged")
        and not _is_known(auth)
    )


def _admits_plain(backend: EmbeddedBackend, caller: RequestCaller, auth: str | None) -> bool:
    defect = backend.defect
    # Any text without # or @ is a user name, so a misspelt group admits nobody.
    match auth:
        case "#all":
            return not defect("create.auth.all.refuses-plain")
        case "#datasetPublic":
            return not defect("create.auth.dataset-public.refuses-plain")
        case "#authenticated":
            return not defect("create.auth.authenticated.refuses-plain")
        case "#datasetAccess":
            return not defect("create.auth.dataset-access.refuses-plain")
        case "#datasetOwner":
            return not defect("create.auth.dataset-owner.refuses-plain")
        case "#jobAdmin":
            return defect("create.auth.job-admin.admits-plain")
        case None:
            return defect("create.auth.missing.admits-plain")
        case group if group.startswith("@"):
            return _admits_group(backend, caller, group[1:])
        case name:
            return _admits_user(backend, caller, name)


def _admits_group(backend: EmbeddedBackend, caller: RequestCaller, group: str) -> bool:
    if backend.defect("create.auth.group.admits-stranger"):
        return True
    if backend.defect("create.auth.group.refuses-member"):
        return False
    return backend.policy.belongs(caller.groups, group)


def _admits_user(backend: EmbeddedBackend, caller: RequestCaller, name: str) -> bool:
    defect = backend.defect
    # Unknown # values end here as well, and are compared with the user name.
    if defect("create.auth.unknown.admits-plain") and name.startswith("#"):
        return True
    if defect("create.auth.user.admits-stranger") and not name.startswith("#"):
        return True
    if defect("create.auth.user.refuses-user"):
        return False
    if defect("create.auth.user.matches-group") and name in caller.groups:
        return True
    return caller.username == name


def _is_known(auth: str) -> bool:
    return auth.startswith("@") or auth in {
        "#all",
        "#datasetPublic",
        "#authenticated",
        "#datasetAccess",
        "#datasetOwner",
        "#jobAdmin",
    }
