"""Defects that change what is stored although nobody asked for it."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from scicat_harness.embedded.beside.handled import Handled
from scicat_harness.embedded.beside.table import Table
from scicat_harness.embedded.javascript import now

__all__ = ["STATE"]

STATE: Table[Callable[[Handled], None]] = Table("state")
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _refused_update(seen: Handled) -> bool:
    return seen.is_update and not seen.allowed


def _refused_create(seen: Handled) -> bool:
    return seen.is_create and not seen.allowed


def _created(seen: Handled) -> bool:
    return seen.is_create and seen.allowed


def _updated(seen: Handled) -> bool:
    return seen.is_update and seen.allowed


@STATE.add("state.refused-update-adds-parameter", "A refused update adds to jobParams.")
def _(seen: Handled) -> None:
    if _refused_update(seen):
        seen.change_params(seen.job, refused=True)


@STATE.add("state.refused-update-touches-time", "A refused update sets updatedAt.")
def _(seen: Handled) -> None:
    if _refused_update(seen):
        seen.change(seen.job, updatedAt=now())


@STATE.add("state.refused-update-names-updater", "A refused update sets updatedBy.")
def _(seen: Handled) -> None:
    if _refused_update(seen):
        seen.change(seen.job, updatedBy=seen.call.caller.username or "nobody")


@STATE.add("state.refused-update-changes-group", "A refused update changes the owner group.")
def _(seen: Handled) -> None:
    if _refused_update(seen):
        seen.change(seen.job, ownerGroup="intruders")


@STATE.add("state.refused-update-clears-result", "A refused update replaces the result.")
def _(seen: Handled) -> None:
    if _refused_update(seen):
        seen.change(seen.job, jobResultObject={"cleared": True})


@STATE.add("state.refused-update-removes-job", "A refused update removes the job.")
def _(seen: Handled) -> None:
    if _refused_update(seen):
        seen.backend.store.jobs.pop(seen.call.id, None)


@STATE.add("state.refused-update-changes-another", "A refused update changes the oldest job.")
def _(seen: Handled) -> None:
    if _refused_update(seen):
        seen.change(next(iter(seen.earlier), None), contactEmail="intruder@elsewhere.example")


@STATE.add("state.refused-create-stores-bare-job", "A refused create stores an empty job.")
def _(seen: Handled) -> None:
    if _refused_create(seen) and seen.earlier:
        _store_copy(seen, jobParams={}, createdAt=now(), updatedAt=now())


@STATE.add("state.refused-create-renames-dataset", "A refused create renames its datasets.")
def _(seen: Handled) -> None:
    if _refused_create(seen):
        seen.change_dataset(datasetName="renamed")


@STATE.add("state.refused-create-publishes-dataset", "A refused create publishes its datasets.")
def _(seen: Handled) -> None:
    if _refused_create(seen):
        for each in seen.datasets:
            # One that is published already would make other requests succeed.
            seen.backend.store.datasets[each["pid"]] = {**each, "publishedAt": now()}


@STATE.add("state.refused-create-removes-oldest", "A refused create removes the oldest job.")
def _(seen: Handled) -> None:
    if _refused_create(seen) and len(seen.earlier) > 1:
        seen.backend.store.jobs.pop(seen.earlier[0]["id"])


@STATE.add("state.create-stores-copy", "A create stores its job twice.")
def _(seen: Handled) -> None:
    if _created(seen):
        _store_copy(seen)


@STATE.add("state.create-stores-hidden-job", "A create stores an empty job beside its own.")
def _(seen: Handled) -> None:
    if _created(seen):
        _store_copy(seen, jobParams={"hidden": True})


@STATE.add("state.create-adds-field", "A create stores a field that nobody sent.")
def _(seen: Handled) -> None:
    if _created(seen):
        seen.change(seen.job, priority=1)


@STATE.add("state.create-adds-parameter", "A create adds to jobParams.")
def _(seen: Handled) -> None:
    if _created(seen):
        seen.change_params(seen.job, address="127.0.0.1")


@STATE.add("state.create-drops-parameter", "A create stores jobParams without its last member.")
def _(seen: Handled) -> None:
    job = seen.job
    if _created(seen) and job is not None:
        kept = list(job["jobParams"])[:-1]
        seen.change(job, jobParams={key: job["jobParams"][key] for key in kept})


@STATE.add("state.create-shares-job", "A create gives a group access to the job.")
def _(seen: Handled) -> None:
    if _created(seen):
        seen.change(seen.job, accessGroups=["everybody"])


@STATE.add("state.create-publishes-job", "A create publishes the job.")
def _(seen: Handled) -> None:
    if _created(seen):
        seen.change(seen.job, isPublished=True)


@STATE.add("state.create-names-updater", "A create stores another updatedBy than createdBy.")
def _(seen: Handled) -> None:
    if _created(seen):
        seen.change(seen.job, updatedBy="system")


@STATE.add("state.create-backdates", "A create stores an earlier updatedAt.")
def _(seen: Handled) -> None:
    if _created(seen):
        seen.change(seen.job, updatedAt=_LONG_AGO)


@STATE.add("state.create-fills-result", "A create stores a result.")
def _(seen: Handled) -> None:
    if _created(seen):
        seen.change(seen.job, jobResultObject={"done": False})


@STATE.add("state.create-stores-null", "A create stores null for an owner that is not set.")
def _(seen: Handled) -> None:
    job = seen.job
    if _created(seen) and job is not None and "ownerUser" not in job:
        seen.change(job, ownerUser=None)


@STATE.add("state.create-renames-dataset", "A create renames its datasets.")
def _(seen: Handled) -> None:
    if _created(seen):
        seen.change_dataset(datasetName="renamed")


@STATE.add("state.create-tags-dataset", "A create adds a keyword to its datasets.")
def _(seen: Handled) -> None:
    if _created(seen):
        seen.change_dataset(keywords=["used-by-a-job"])


@STATE.add("state.create-changes-previous", "A create changes the job before it.")
def _(seen: Handled) -> None:
    if _created(seen) and seen.earlier:
        seen.change(seen.earlier[-1], configVersion="changed")


@STATE.add("state.create-removes-oldest", "A create removes the oldest job.")
def _(seen: Handled) -> None:
    if _created(seen) and len(seen.earlier) > 1:
        seen.backend.store.jobs.pop(seen.earlier[0]["id"])


@STATE.add("state.update-changes-contact", "An update changes the contact address.")
def _(seen: Handled) -> None:
    if _updated(seen):
        seen.change(seen.job, contactEmail="updater@elsewhere.example")


@STATE.add("state.update-changes-created-at", "An update changes the time of the create.")
def _(seen: Handled) -> None:
    if _updated(seen):
        seen.change(seen.job, createdAt=now())


@STATE.add("state.update-empties-parameters", "An update empties jobParams.")
def _(seen: Handled) -> None:
    if _updated(seen):
        seen.change(seen.job, jobParams={})


@STATE.add("state.update-adds-parameter", "An update adds to jobParams.")
def _(seen: Handled) -> None:
    if _updated(seen):
        seen.change_params(seen.job, updates=1)


@STATE.add("state.update-keeps-time", "An update leaves updatedAt as it was.")
def _(seen: Handled) -> None:
    job = seen.job
    if _updated(seen) and job is not None:
        seen.change(job, updatedAt=job["createdAt"])


@STATE.add("state.update-adds-to-result", "An update adds a member to the result.")
def _(seen: Handled) -> None:
    job = seen.job
    if _updated(seen) and job is not None and isinstance(job["jobResultObject"], dict):
        seen.change(job, jobResultObject={**job["jobResultObject"], "seen": True})


@STATE.add("state.update-publishes-job", "An update publishes the job.")
def _(seen: Handled) -> None:
    if _updated(seen):
        seen.change(seen.job, isPublished=True)


@STATE.add("state.update-counts", "An update counts in __v.")
def _(seen: Handled) -> None:
    if _updated(seen):
        seen.change(seen.job, __v=1)


@STATE.add("state.update-changes-another", "An update changes the oldest job.")
def _(seen: Handled) -> None:
    if _updated(seen) and seen.earlier:
        seen.change(seen.earlier[0], statusMessage="changed by another")


@STATE.add("state.update-stores-copy", "An update keeps the old job as a copy without marks.")
def _(seen: Handled) -> None:
    if _updated(seen):
        _store_copy(seen, jobParams={"copy": True}, createdAt=now())


@STATE.add("state.read-touches-job", "Reading a job sets updatedAt.")
def _(seen: Handled) -> None:
    if seen.is_read and seen.allowed:
        seen.change(seen.job, updatedAt=now())


@STATE.add("state.read-counts", "Reading a job counts in jobParams.")
def _(seen: Handled) -> None:
    job = seen.job
    if seen.is_read and job is not None:
        seen.change_params(job, reads=job["jobParams"].get("reads", 0) + 1)


@STATE.add("state.read-stores-job", "Reading a job stores an empty one.")
def _(seen: Handled) -> None:
    if seen.is_read and seen.allowed:
        _store_copy(seen, jobParams={"read": True}, createdAt=now())


@STATE.add("state.list-touches-jobs", "Listing jobs changes the message of the oldest.")
def _(seen: Handled) -> None:
    if seen.is_list and seen.backend.store.jobs:
        seen.change(next(iter(seen.backend.store.jobs.values())), statusMessage="listed")


@STATE.add("state.refused-delete-changes-job", "A refused delete changes the job.")
def _(seen: Handled) -> None:
    if seen.method == "DELETE" and not seen.allowed:
        seen.change(seen.job, statusMessage="to be deleted")


@STATE.add("state.delete-removes-another", "A delete removes the oldest job as well.")
def _(seen: Handled) -> None:
    if seen.method == "DELETE" and seen.allowed and seen.earlier:
        seen.backend.store.jobs.pop(seen.earlier[0]["id"])


def _store_copy(seen: Handled, **fields: object) -> None:
    """Store a copy of the job of the request, or else of the newest job, under a new id."""
    job = seen.job or next(reversed(seen.earlier), None)
    if job is not None:
        id_ = str(uuid.uuid4())
        seen.backend.store.jobs[id_] = {**job, "_id": id_, "id": id_, **fields}
