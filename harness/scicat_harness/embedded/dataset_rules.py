"""Who may create, read, change and delete datasets and their lists of files.

See specification: environment.groups, datasets; as far as job scenarios need them.
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


def _ingests(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    names = backend.settings.create_dataset_privileged_groups
    return backend.policy.listed(caller.groups, names)


def _supplies_pid(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    names = backend.settings.create_dataset_with_pid_groups
    return "#all" in names or backend.policy.listed(caller.groups, names)


def may_create(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    """Whether the caller may create any dataset at all."""
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
    """Whether the caller may create a dataset for this owner group, under this pid."""
    if _is_admin(backend, caller) or _ingests(backend, caller):
        return True
    if body.get("pid") and not _supplies_pid(backend, caller):
        return False
    return _owns(backend, caller, body)


def may_read(backend: EmbeddedBackend, caller: RequestCaller, dataset: Document) -> bool:
    """Whether the caller may see a dataset."""
    return (
        bool(dataset.get("isPublished"))
        or _is_admin(backend, caller)
        or _owns(backend, caller, dataset)
        or backend.policy.overlap(caller.groups, dataset.get("accessGroups"))
    )


def may_change(backend: EmbeddedBackend, caller: RequestCaller, dataset: Document) -> bool:
    """Whether the caller may change a dataset: its owner group and administrators."""
    return _is_admin(backend, caller) or _owns(backend, caller, dataset)


def may_change_lifecycle(
    backend: EmbeddedBackend, caller: RequestCaller, dataset: Document
) -> bool:
    """Whether the caller may change the lifecycle of a dataset."""
    names = backend.settings.update_dataset_lifecycle_groups
    return backend.policy.listed(caller.groups, names) or may_change(backend, caller, dataset)


def may_delete(backend: EmbeddedBackend, caller: RequestCaller) -> bool:
    """Whether the caller may delete datasets: only the groups named for it."""
    return backend.policy.listed(caller.groups, backend.settings.delete_groups)


def may_add_files(
    backend: EmbeddedBackend, caller: RequestCaller, dataset: Document, version: int
) -> bool:
    """Whether the caller may add files; a privileged ingestor only through v3."""
    ingests = version == 3 and _ingests(backend, caller)
    return ingests or may_change(backend, caller, dataset)
