"""The desk: everything a check needs, one per worker process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transcript import Exchange
from scicat_harness.config.jobconfig import version_of
from scicat_harness.config.startup import DEFAULT_SENDER, REPLY_TO, first_status
from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.settle import Settlement
from scicat_harness.model.identity import Identity
from scicat_harness.model.release import Release
from scicat_harness.model.request import CreateRequest, JobOwnership, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.predict import Oracle, Prediction
from scicat_harness.oracle.rule import Reading, View
from scicat_harness.probe.pool import JobPool
from scicat_harness.probe.prepared import PreparedBackend, make_job
from scicat_harness.probe.sentinel import open_watch
from scicat_harness.probe.watch import EffectWatch

__all__ = ["CheckContext"]


@dataclass(slots=True)
class CheckContext:
    """Client, oracle, ledger and settlement of one backend, with the marks of one worker."""

    prepared: PreparedBackend
    site: Site
    client: SciCat
    janitor: Identity
    release: Release
    reading: Reading
    ledger: Ledger
    worker: str
    settlement: Settlement = field(init=False)
    watch: EffectWatch | None = field(init=False)
    pool: JobPool = field(init=False)
    lists: dict[tuple[str, str], Exchange] = field(default_factory=dict, init=False)
    shared: dict[str, Any] = field(default_factory=dict, init=False)
    """What the checks of one process share, by name."""
    _numbers: count[int] = field(default_factory=count, init=False)
    _oracles: dict[Reading, Oracle] = field(init=False)
    config_version: str = field(init=False)

    def __post_init__(self) -> None:
        watch = open_watch(self.prepared, self.site, self.client, self.janitor, self.correlation)
        self.settlement = Settlement(
            lambda where: self.client.find_jobs(self.janitor, where), watch, self._names()
        )
        self.watch = watch
        self.pool = JobPool(self._make_job)
        self.config_version = version_of(self.site)
        self._oracles = {
            reading: Oracle(self.site, View(self.release, reading)) for reading in Reading
        }

    def predict(self, predict: Callable[[Oracle], Prediction]) -> dict[Reading, Prediction]:
        """The predictions for a case, by reading."""
        return {reading: predict(oracle) for reading, oracle in self._oracles.items()}

    def correlation(self) -> str:
        """A token that no other request of this run carries; later ones sort after earlier."""
        return f"{self.prepared.run}-{self.worker}-{next(self._numbers):07d}"

    def marks(self, correlation: str) -> dict[str, str]:
        """What a job of this run carries in its parameters."""
        return {"run": self.prepared.run, "correlation": correlation}

    def new_job_fields(self, request: CreateRequest) -> Mapping[str, Any]:
        """What a new job's document shows besides its owners."""
        code, message = first_status(self.site)
        told = request.params.get("jobStatusMessage")
        return {
            "type": request.job_type,
            "statusCode": told or code,
            "statusMessage": told or message,
            "configVersion": self.config_version,
            "jobResultObject": {},
        }

    def made_job_fields(self, request: UpdateRequest) -> Mapping[str, Any]:
        """What an update must leave alone in the document of a job, its creator apart."""
        assert request.job is not None
        return {
            "type": request.job_type,
            "ownerUser": request.job.owner_user,
            "ownerGroup": request.job.owner_group,
            "configVersion": self.config_version,
        }

    def job_for(self, request: UpdateRequest, unknown: str, *, exclusive: bool) -> str:
        """The id of a job to be patched; ``unknown`` where no job is asked for."""
        if request.job is None:
            return unknown
        if exclusive:
            known = self.site.job_types.get(request.job_type)
            # What an action does may hang on what an earlier update left in the job.
            fresh = known is not None and bool(known.on_update)
            return self.pool.lease(request.job_type, request.job, fresh=fresh)
        return self.pool.shared(request.job_type, request.job)

    def listing(
        self,
        identity: Identity,
        name: str,
        path: str,
        params: Callable[[str], Mapping[str, Any]],
    ) -> Exchange:
        """What a list shows to an identity; each asks for each list once per worker."""
        if (identity.name, name) not in self.lists:
            found = self.client.query(identity, path, params(self.prepared.run))
            self.lists[identity.name, name] = found
        return self.lists[identity.name, name]

    def _names(self) -> dict[str, str]:
        """What the texts of effects may speak of, apart from a request and its job."""
        pids = {f"pid_{alias.replace('-', '_')}": pid for alias, pid in self.prepared.pids.items()}
        addresses = {"default_from": DEFAULT_SENDER, "default_reply_to": REPLY_TO}
        return {"run": self.prepared.run, **addresses, **pids}

    def _make_job(self, job_type: str, job: JobOwnership) -> str:
        # Making it may have effects; they are nobody's then, and can be told apart.
        marks = {**self.marks(self.correlation()), "made-for": "update"}
        document = make_job(self.client, self.janitor, job_type, job, marks, self.prepared.pids)
        job_id: str = document["id"]
        return job_id
