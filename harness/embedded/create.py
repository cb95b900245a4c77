"""Creating a job: the ordered steps from a valid v4 body to a stored job.

Reads section 5.3 from step 2 on; the gate and the validation of the body lie before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness.embedded import create_auth
from harness.embedded.access import Caller
from harness.embedded.actions import Context
from harness.embedded.actions.runner import perform_all, validate_all
from harness.embedded.backend import Backend
from harness.embedded.dataset_access import DatasetCheck
from harness.embedded.dataset_list import DatasetList
from harness.embedded.failures import Failure, crash, denial, rejection
from harness.embedded.javascript import PROTOTYPE_NAMES, as_text
from harness.embedded.jobconfig import INHERITED, JobType
from harness.embedded.jobs import new_job
from harness.embedded.ownership import Claim, Ownership
from harness.embedded.store import Document

__all__ = ["create_job", "find_type"]


def find_type(backend: Backend, name: object) -> JobType:
    """The configured job type of a name; raises 400.

    A member of the JavaScript object prototype is found as well, with nothing in it (S24).
    """
    if isinstance(name, str):
        if name in backend.config.types:
            return backend.config.types[name]
        if name in PROTOTYPE_NAMES:
            return JobType(name, INHERITED, INHERITED)
    shown = "undefined" if name is None else as_text(name)
    status = 500 if backend.defect("status.unknown-type-500") else 400
    raise rejection(f"Invalid job type: {shown}", status)


async def create_job(backend: Backend, caller: Caller, body: Document) -> Document:
    """Check, store and act; the stored job."""
    job_type = find_type(backend, body["type"])
    listed = DatasetList()
    if "datasetList" in body["jobParams"]:
        listed = DatasetList.check(backend, body["jobParams"]["datasetList"])
    claim = Claim.of(body)
    return await _Request(backend, caller, body, job_type, listed, claim).run()


@dataclass(frozen=True, slots=True)
class _Request:
    """One create request whose type and datasets are known."""

    backend: Backend
    caller: Caller
    body: Document
    job_type: JobType
    listed: DatasetList
    claim: Claim

    async def run(self) -> Document:
        owner = self._checked_owner()
        with self._kept(owner, self.backend.defect("create.stored-despite.repeated-pid")):
            self.listed.check_repetition(self.backend)
        context = Context(
            operation="create",
            job_type=self.job_type.name,
            request=self.body,
            datasets=self.backend.store.find_datasets(self.listed.pids),
            env=self.backend.env,
        )
        actions = self.job_type.create.actions
        with self._kept(owner, self.backend.defect("create.stored-despite.action-refusal")):
            await validate_all(actions, context)
        job = self._store(owner)
        await perform_all(
            actions,
            Context("create", context.job_type, self.body, job, context.datasets, context.env),
        )
        return job

    def _checked_owner(self) -> Ownership:
        """Steps 4 to 10."""
        backend, caller, auth = self.backend, self.caller, self.job_type.create.auth
        unchecked = Ownership(
            caller.username if caller.authenticated else None,
            self.claim.owner_group,
            self.claim.contact_email or caller.email or "",
            (),
        )
        with self._kept(unchecked, backend.defect("create.stored-despite.ownership-denial")):
            self.claim.check(backend, caller)
        owner = Ownership.derive(backend, caller, self.claim)
        with self._kept(owner, backend.defect("create.stored-despite.dataset-denial")):
            DatasetCheck(backend, caller, auth, self.listed, owner).run()
        with self._kept(owner, backend.defect("create.stored-despite.ownership-denial")):
            self.claim.check_anonymous(backend, caller)
        if self.job_type.create is INHERITED:
            raise crash()
        with self._kept(owner, backend.defect("create.stored-despite.instance-denial")):
            if not create_auth.admits(backend, caller, auth):
                status = 400 if backend.defect("status.create-denial-400") else 403
                raise denial(status, "Unauthorized to create this job.")
        return owner

    @contextmanager
    def _kept(self, owner: Ownership, sabotaged: bool) -> Iterator[None]:
        try:
            yield
        except Failure:
            if sabotaged:
                self._store(owner)
            raise

    def _store(self, owner: Ownership) -> Document:
        job = new_job(self.backend, self.caller, self.body, owner)
        if not self.backend.defect("create.nothing-stored"):
            self.backend.store.jobs[job["id"]] = job
        return job
