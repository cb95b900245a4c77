"""Update a job: the ordered steps from a valid v4 body to a changed job.

See specification: update.steps, from step 2 on. Endpoint authorization and validation of the body
come before. Rights on the datasets of the job play no role.
"""

from collections.abc import Generator
from dataclasses import replace

from scicat_harness.embedded import update_auth
from scicat_harness.embedded.access import RequestCaller
from scicat_harness.embedded.actions import Context
from scicat_harness.embedded.actions.runner import perform_all, validate_all
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.create import find_type
from scicat_harness.embedded.dataset_list import ListedDatasets
from scicat_harness.embedded.failures import HttpFailure, denial, rejection
from scicat_harness.embedded.javascript import stringify
from scicat_harness.embedded.jobs import Patch
from scicat_harness.embedded.store import Document
from scicat_harness.embedded.templates import Opaque

__all__ = ["find_job", "update_job"]


def find_job(backend: EmbeddedBackend, id_: str) -> Document:
    """Return the stored job with this id; raise 400 ``Invalid job id.`` if there is none."""
    job = backend.store.jobs.get(id_)
    if job is None:
        status = 404 if backend.defect("status.unknown-id-404") else 400
        raise rejection("Invalid job id.", status)
    return job


async def update_job(
    backend: EmbeddedBackend, caller: RequestCaller, id_: str, patch: Patch
) -> Document:
    """Check a valid patch, store the changed job, perform its actions, and return the job.

    Raises HttpFailure for every refusal of specification: update.steps: 400 for an unknown id or
    type, 403 if the auth value refuses, 404 if a dataset is gone, and whatever an action raises.
    """
    backend.log.log(id_, "updating job ")
    job = find_job(backend, id_)
    job_type = find_type(backend, job["type"])
    if not update_auth.admits(backend, caller, job_type.update.auth, job):
        if backend.defect("update.applied-despite-denial"):
            _store(backend, patch.applied(backend, caller, job))
        status = 400 if backend.defect("status.update-denial-400") else 403
        raise denial(status, "Unauthorized to update this job.")
    defect = backend.defect
    datasets = _datasets(backend, job)
    context = Context(
        operation="update",
        job_type=job_type.name,
        request=patch.body,
        # A database document: only jsonify shows its members (specification: templates.context).
        job=job if defect("context.job-visible-before-update") else Opaque(job),
        datasets=[] if defect("context.datasets-empty") else datasets,
        env={} if defect("context.env-empty") else backend.env,
    )
    operation = job_type.update
    if defect("actions.update-runs-create-actions"):
        operation = job_type.create
    changed = patch.applied(backend, caller, job)
    # The real backend awaits its database here: a concurrent patch reads the same old job, and the
    # later write loses the earlier one (specification: update.merge-patch).
    await _Turn()
    try:
        await validate_all(operation.actions, context, defect)
    except HttpFailure:
        if defect("update.stored-despite-action-refusal"):
            _store(backend, changed)
        raise
    if not defect("update.nothing-stored"):
        _store(backend, changed)
    # Only a log line: the job keeps the version that it was created with.
    if changed["configVersion"] != backend.config.version:
        backend.log.log(
            "JobUpdate",
            f"Job was created with configVersion {changed['configVersion']}.\n"
            f" Current configVersion is {backend.config.version}.",
        )
    visible = job if defect("context.job-previous-in-update") else changed
    visible = {} if defect("context.job-missing-in-perform") else visible
    performing = replace(context, job=visible, previous=job)
    await perform_all(operation.actions, performing, defect)
    return changed


class _Turn:
    """Awaiting it yields to other requests for one turn of the event loop."""

    def __await__(self) -> Generator[None, None, None]:
        yield


def _store(backend: EmbeddedBackend, job: Document) -> None:
    backend.store.jobs[job["id"]] = job


def _datasets(backend: EmbeddedBackend, job: Document) -> list[Document]:
    """Return the datasets of the job; raise 404 if one is gone (specification: update.steps)."""
    pids = ListedDatasets.stored(job["jobParams"]).pids
    found = backend.store.find_datasets(pids)
    if len(found) < len(set(pids)) and not backend.defect("update.deleted-dataset-ignored"):
        raise denial(404, f"Unable to get a dataset. ({stringify(pids)})")
    return found
