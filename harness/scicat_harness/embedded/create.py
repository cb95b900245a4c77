"""Create a job: the ordered steps from a valid v4 body to a stored job.

See specification: create.steps, from step 2 on. Endpoint authorization and validation of the body
come before. The order of the steps decides which refusal a request gets that fails several.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from scicat_harness.embedded import create_auth
from scicat_harness.embedded.access import RequestCaller
from scicat_harness.embedded.actions import ActionHandler, Context
from scicat_harness.embedded.actions.runner import (
    despite_denial,
    despite_refusal,
    perform_all,
    validate_all,
)
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.dataset_access import DatasetCheck
from scicat_harness.embedded.dataset_list import ListedDatasets
from scicat_harness.embedded.failures import HttpFailure, crash, denial, rejection
from scicat_harness.embedded.javascript import PROTOTYPE_NAMES, as_text
from scicat_harness.embedded.jobconfig import INHERITED, ConfiguredType
from scicat_harness.embedded.jobs import new_job
from scicat_harness.embedded.ownership import OwnershipClaim, ResolvedOwnership
from scicat_harness.embedded.store import Document

__all__ = ["create_job", "find_type"]


def find_type(backend: EmbeddedBackend, name: object) -> ConfiguredType:
    """Return the configured job type with this name.

    A member of JavaScript's object prototype, such as ``constructor``, is found, too, as a type
    without operations (specification: create.steps). Raises HttpFailure: 400 for any other name.
    """
    if isinstance(name, str):
        if name in backend.config.types:
            return backend.config.types[name]
        if name in PROTOTYPE_NAMES:
            return ConfiguredType(name, INHERITED, INHERITED)
    shown = "undefined" if name is None else as_text(name)
    status = 500 if backend.defect("status.unknown-type-500") else 400
    raise rejection(f"Invalid job type: {shown}", status)


async def create_job(backend: EmbeddedBackend, caller: RequestCaller, body: Document) -> Document:
    """Check a valid v4 body, store the job, perform its actions, and return the job.

    Raises HttpFailure for every refusal of specification: create.steps. A failure in the perform
    phase is raised, too, although the job is stored (specification: actions.failures).
    """
    job_type = find_type(backend, body["type"])
    listed = ListedDatasets()
    # Checked whenever the key is there, whatever the auth value (create.dataset-list).
    if "datasetList" in body["jobParams"]:
        listed = ListedDatasets.check(backend, body["jobParams"]["datasetList"])
    claim = OwnershipClaim.of(body)
    return await _Request(backend, caller, body, job_type, listed, claim).run()


@dataclass(frozen=True, slots=True)
class _Request:
    """One create request whose type and dataset list have been checked."""

    backend: EmbeddedBackend
    caller: RequestCaller
    body: Document
    job_type: ConfiguredType
    listed: ListedDatasets
    claim: OwnershipClaim

    async def run(self) -> Document:
        defect, actions = self.backend.defect, self.job_type.create.actions
        try:
            owner = self._checked_owner()
        except HttpFailure:
            await self._perform_anyway(despite_denial(actions, defect))
            raise
        # Step 8: the datasets are loaded for the actions, one query for all pids.
        with self._kept(owner, defect("create.stored-despite.repeated-pid")):
            self.listed.check_repetition(self.backend)
        context = self._context()
        with self._kept(owner, defect("create.stored-despite.action-refusal")):
            try:
                await validate_all(actions, context, defect)
            except HttpFailure:
                await self._perform_anyway(despite_refusal(actions, defect))
                raise
        return await self._stored_and_performed(owner, context)

    async def _stored_and_performed(self, owner: ResolvedOwnership, context: Context) -> Document:
        defect, actions = self.backend.defect, self.job_type.create.actions
        job = self._new(owner)
        # While validating the context has no job; now it has the one to be stored.
        visible = None if defect("context.job-missing-in-perform") else job
        context = replace(context, job=visible)
        if defect("actions.performed-before-stored"):
            await perform_all(actions, context, defect)
        self._keep(job)
        if defect("actions.performed-before-stored"):
            return job
        # Without a rollback: a failing action answers with an error, and the job stays stored.
        try:
            await perform_all(actions, context, defect)
        except HttpFailure:
            if defect("actions.failure-removes-the-job"):
                self.backend.store.jobs.pop(job["id"], None)
            raise
        return job

    def _context(self) -> Context:
        defect = self.backend.defect
        datasets = self.backend.store.find_datasets(self.listed.pids)
        if defect("context.datasets-in-request-order"):
            datasets.sort(key=lambda dataset: self.listed.pids.index(dataset["pid"]))
        return Context(
            operation="create",
            job_type=self.job_type.name,
            request=self.body,
            datasets=[] if defect("context.datasets-empty") else datasets,
            env={} if defect("context.env-empty") else self.backend.env,
        )

    async def _perform_anyway(self, actions: Sequence[ActionHandler]) -> None:
        # Sabotage only: effects of a request that is refused.
        if not actions:
            return
        caller = self.caller
        owner = ResolvedOwnership(
            caller.username if caller.authenticated else None, self.claim.owner_group, "", ()
        )
        context = replace(self._context(), job=self._new(owner))
        with suppress(HttpFailure):
            await perform_all(actions, context, self.backend.defect)

    def _checked_owner(self) -> ResolvedOwnership:
        """Run steps 4 to 7 of specification: create.steps, and return the owner of the job."""
        backend, caller, auth = self.backend, self.caller, self.job_type.create.auth
        unchecked = ResolvedOwnership(
            caller.username if caller.authenticated else None,
            self.claim.owner_group,
            self.claim.contact_email or caller.email or "",
            (),
        )
        with self._kept(unchecked, backend.defect("create.stored-despite.ownership-denial")):
            self.claim.check(backend, caller)
        owner = ResolvedOwnership.derive(backend, caller, self.claim)
        with self._kept(owner, backend.defect("create.stored-despite.dataset-denial")):
            DatasetCheck(backend, caller, auth, self.listed, owner).run()
        with self._kept(owner, backend.defect("create.stored-despite.ownership-denial")):
            self.claim.check_anonymous(backend, caller)
        # A type such as "constructor" passes until its auth value is read, which is undefined.
        if self.job_type.create is INHERITED:
            raise crash()
        with self._kept(owner, backend.defect("create.stored-despite.instance-denial")):
            if not create_auth.admits(backend, caller, auth):
                status = 400 if backend.defect("status.create-denial-400") else 403
                raise denial(status, "Unauthorized to create this job.")
        return owner

    @contextmanager
    def _kept(self, owner: ResolvedOwnership, sabotaged: bool) -> Iterator[None]:
        # A step that may be sabotaged to store the job although it refuses it.
        try:
            yield
        except HttpFailure:
            if sabotaged:
                self._store(owner)
            raise

    def _store(self, owner: ResolvedOwnership) -> None:
        self._keep(self._new(owner))

    def _new(self, owner: ResolvedOwnership) -> Document:
        return new_job(self.backend, self.caller, self.body, owner)

    def _keep(self, job: Document) -> None:
        if not self.backend.defect("create.nothing-stored"):
            self.backend.store.jobs[job["id"]] = job
