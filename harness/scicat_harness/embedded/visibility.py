"""Instance authorization of reading: single jobs, and the visible jobs of a list.

See specification: read. A single job is refused with 403; a list leaves out what is not visible.
"""

from collections.abc import Callable
from enum import Enum

from scicat_harness.embedded.access import CallerKind, RequestCaller
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.failures import denial
from scicat_harness.embedded.store import Document

__all__ = ["Endpoint", "check_readable", "visible_jobs"]


class Endpoint(Enum):
    """The endpoints that show several jobs, so that each can leak by a defect of its own."""

    LIST = "list"
    FULLQUERY = "fullquery"
    FULLFACET = "fullfacet"
    DATASET_DETAILS = "dataset-details"


def check_readable(backend: EmbeddedBackend, caller: RequestCaller, job: Document) -> None:
    """Raise 403 unless the caller may read the job.

    Auth values, datasets and ``createdBy`` play no role: only the kind of the caller, the owner
    user and the owner group do.
    """
    if not _readable(backend, caller, job):
        status = 404 if backend.defect("status.read-denial-404") else 403
        raise denial(status, "Unauthorized to get this job.")


def _readable(backend: EmbeddedBackend, caller: RequestCaller, job: Document) -> bool:
    defect = backend.defect
    if defect("read.one.anybody"):
        return True
    match backend.kind(caller):
        case CallerKind.ADMIN:
            refused = defect("read.one.admin-refused")
            return not refused or _reads_as_plain(backend, caller, job)
        case CallerKind.CREATE_PRIVILEGED if not defect("read.one.create-privileged-as-plain"):
            return True
        case CallerKind.UPDATE_PRIVILEGED if not defect("read.one.update-privileged-as-plain"):
            return True
        case CallerKind.ANONYMOUS:
            return False
        # Also privileged callers whose guard above did not hold, by a defect.
        case _:
            return _reads_as_plain(backend, caller, job)


def _reads_as_plain(backend: EmbeddedBackend, caller: RequestCaller, job: Document) -> bool:
    defect = backend.defect
    # Who creates a job for others may not read it: createdBy does not count.
    owner = "createdBy" if defect("read.one.means-creator") else "ownerUser"
    is_owner = job.get(owner) == caller.username and not defect("read.one.owner-user-ignored")
    in_group = backend.policy.belongs(caller.groups, job.get("ownerGroup"))
    return is_owner or (in_group and not defect("read.one.owner-group-ignored"))


def visible_jobs(
    backend: EmbeddedBackend, caller: RequestCaller, endpoint: Endpoint
) -> list[Document]:
    """Return the jobs that the endpoint may show to the caller, in the order of creation.

    Where, order and limits come later (since v4.27.0; specification: read).
    """
    is_visible = _visibility(backend, caller, endpoint)
    return [job for job in backend.store.jobs.values() if is_visible(job)]


def _visibility(
    backend: EmbeddedBackend, caller: RequestCaller, endpoint: Endpoint
) -> Callable[[Document], bool]:
    defect = backend.defect
    if _leaks(backend, endpoint):
        return lambda _job: True
    kind = backend.kind(caller)
    as_plain = (
        kind in (CallerKind.PLAIN, CallerKind.ANONYMOUS)
        or (kind is CallerKind.CREATE_PRIVILEGED and defect("list.create-privileged-as-plain"))
        or (kind is CallerKind.UPDATE_PRIVILEGED and defect("list.update-privileged-as-plain"))
    )
    # Jobs of types that left the configuration are hidden from plain users only.
    if not as_plain:
        configured_only = defect("list.unconfigured-hidden-from-admin")
        return lambda job: not configured_only or job["type"] in backend.config.types
    return lambda job: _listed_for_plain(backend, caller, job)


def _listed_for_plain(backend: EmbeddedBackend, caller: RequestCaller, job: Document) -> bool:
    defect = backend.defect
    if job["type"] not in backend.config.types and not defect("list.unconfigured-shown"):
        return False
    is_owner = job.get("ownerUser") == caller.username
    if is_owner and not defect("list.own-user-hidden"):
        return True
    in_group = backend.policy.belongs(caller.groups, job.get("ownerGroup"))
    return in_group and not defect("list.own-group-hidden")


def _leaks(backend: EmbeddedBackend, endpoint: Endpoint) -> bool:
    defect = backend.defect
    return (
        (endpoint is Endpoint.LIST and defect("list.leaks"))
        or (endpoint is Endpoint.FULLQUERY and defect("fullquery.leaks"))
        or (endpoint is Endpoint.FULLFACET and defect("fullfacet.leaks"))
        or (endpoint is Endpoint.DATASET_DETAILS and defect("dataset-details.leaks"))
    )
