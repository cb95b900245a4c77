"""Authorization of datasets and origdatablocks, as far as job scenarios need it.

See specification: environment.groups, datasets.
"""

from scicat_harness.embedded.access import CallerKind, RequestCaller
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.store import Document

__all__ = [
    "may_add_files",
    "may_change",
    "may_change_lifecycle",
    "may_create",
    "may_create_this",
    "may_delete",
    "may_read",
]


def _is_admin(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    return backend.kind(caller) is CallerKind.ADMIN


def _owns(backend: EmbeddedBackend, caller: RequestCaller, dataset: Document) -> bool:
    return backend.policy.belongs(caller.groups, dataset.get("ownerGroup"))


# Members of CREATE_DATASET_PRIVILEGED_GROUPS create datasets for any owner group.
def _ingests(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    names = backend.settings.create_dataset_privileged_groups
    return backend.policy.listed(caller.groups, names)


def _supplies_pid(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    names = backend.settings.create_dataset_with_pid_groups
    return "#all" in names or backend.policy.listed(caller.groups, names)


def may_create(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    """Return whether the caller may create datasets at all.

    Any of three group lists is enough (``CREATE_DATASET_GROUPS``, by default ``#all``, and its
    variants for privileged callers and for pids), and so is being an admin.
    """
    if not caller.authenticated:
        return False
    names = backend.settings.create_dataset_groups
    return (
        "#all" in names
        or backend.policy.listed(caller.groups, names)
        or _ingests(backend, caller)
        or _supplies_pid(backend, caller)
        or _is_admin(backend, caller)
    )


def may_create_this(backend: EmbeddedBackend, caller: RequestCaller, body: Document) -> bool:
    """Return whether the caller may create a dataset with this owner group and pid.

    Admins and members of ``CREATE_DATASET_PRIVILEGED_GROUPS`` may use any; others only a group of
    theirs, and a pid only as members of ``CREATE_DATASET_WITH_PID_GROUPS``.
    """
    if _is_admin(backend, caller) or _ingests(backend, caller):
        return True
    # An empty pid counts as none, and the backend generates one.
    if body.get("pid") and not _supplies_pid(backend, caller):
        return False
    return _owns(backend, caller, body)


def may_read(backend: EmbeddedBackend, caller: RequestCaller, dataset: Document) -> bool:
    """Return whether the caller may read a dataset.

    Published datasets are for everybody, others for admins, the owner group and access groups.
    """
    return (
        bool(dataset.get("isPublished"))
        or _is_admin(backend, caller)
        or _owns(backend, caller, dataset)
        or backend.policy.overlap(caller.groups, dataset.get("accessGroups"))
    )


def may_change(backend: EmbeddedBackend, caller: RequestCaller, dataset: Document) -> bool:
    """Return whether the caller may change a dataset: members of its owner group, and admins."""
    return _is_admin(backend, caller) or _owns(backend, caller, dataset)


def may_change_lifecycle(
    backend: EmbeddedBackend, caller: RequestCaller, dataset: Document
) -> bool:
    """Return whether the caller may change the lifecycle of a dataset.

    Members of ``UPDATE_DATASET_LIFECYCLE_GROUPS`` may change that of any dataset.
    """
    names = backend.settings.update_dataset_lifecycle_groups
    return backend.policy.listed(caller.groups, names) or may_change(backend, caller, dataset)


def may_delete(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    """Return whether the caller may delete datasets: members of ``DELETE_GROUPS`` only."""
    return backend.policy.listed(caller.groups, backend.settings.delete_groups)


def may_add_files(
    backend: EmbeddedBackend, caller: RequestCaller, dataset: Document, version: int
) -> bool:
    """Return whether the caller may add an origdatablock to a dataset.

    Members of ``CREATE_DATASET_PRIVILEGED_GROUPS`` may do so on v3 only.
    """
    ingests = version == 3 and _ingests(backend, caller)
    return ingests or may_change(backend, caller, dataset)
