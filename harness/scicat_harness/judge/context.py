"""The check context: everything that checks of one backend need, one per worker process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transcript import Exchange
from scicat_harness.config.jobconfig import version_of
from scicat_harness.config.startup import DEFAULT_SENDER, REPLY_TO, first_status
from scicat_harness.judge.known import KnownJobs
from scicat_harness.judge.leaks import Planted
from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.settle import Settlement
from scicat_harness.model.identity import Identity
from scicat_harness.model.release import Release
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.datasets import times_of
from scicat_harness.oracle.document import new_params
from scicat_harness.oracle.lists import readable_pids
from scicat_harness.oracle.predict import Oracle, Prediction
from scicat_harness.oracle.rule import Reading, View
from scicat_harness.probe.pool import JobPool
from scicat_harness.probe.prepared import PreparedBackend, make_job
from scicat_harness.probe.sentinel import open_watch
from scicat_harness.probe.watch import EffectWatch

__all__ = ["CheckContext"]


@dataclass(slots=True)
class CheckContext:
    """Client, oracles, ledger and settlement of one backend in one worker.

    ``janitor`` is the account that prepares and looks up jobs, and is never judged. ``reading`` is
    the one that this run is held to. ``worker`` is a part of every correlation, so that workers
    never choose the same one.
    """

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
    planted: Planted = field(init=False)
    pool: JobPool = field(init=False)
    lists: dict[tuple[str, str], Exchange] = field(default_factory=dict, init=False)
    known: KnownJobs = field(default_factory=KnownJobs, init=False)
    shared: dict[str, Any] = field(default_factory=dict, init=False)
    """Values that the checks of one process share, by name."""
    correlations: int = field(default=0, init=False)
    """The number of correlations so far."""
    sent: list[tuple[float, float, str]] = field(default_factory=list, init=False)
    """Begin and end of each request of a check, in seconds since the epoch, and the check."""
    unmarked: list[str] = field(default_factory=list, init=False)
    """The ids of jobs that checks made without the marks of the run."""
    _oracles: dict[Reading, Oracle] = field(init=False)
    config_version: str = field(init=False)

    def __post_init__(self) -> None:
        watch = open_watch(self.prepared, self.site, self.client, self.janitor, self.correlation)
        # The janitor is an admin, and so sees the jobs of all identities (specification: read).
        self.settlement = Settlement(
            lambda where: self.client.find_jobs(self.janitor, where), watch, self._names()
        )
        self.watch = watch
        self.planted = Planted.of(self.prepared.tokens, self.prepared.planted)
        self.pool = JobPool(self._make_job)
        self.config_version = version_of(self.site)
        self._oracles = {
            reading: Oracle(self.site, View(self.release, reading)) for reading in Reading
        }

    def predict(self, predict: Callable[[Oracle], Prediction]) -> dict[Reading, Prediction]:
        """Return the prediction of ``predict`` by each reading."""
        return {reading: predict(oracle) for reading, oracle in self._oracles.items()}

    def correlation(self) -> str:
        """Return a new correlation, such as ``RUN-WORKER-0000012``; later ones sort after earlier.

        No other request of this run carries it.
        """
        self.correlations += 1
        return self.numbered(self.correlations - 1)

    def numbered(self, number: int) -> str:
        """Return the correlation with this number."""
        # Seven digits keep the order of text that of numbers: a settlement queries a range.
        return f"{self.prepared.run}-{self.worker}-{number:07d}"

    def marks(self, correlation: str) -> dict[str, str]:
        """Return the members of ``jobParams`` that mark a job of this run."""
        return {"run": self.prepared.run, "correlation": correlation}

    def new_job_fields(self, request: CreateRequest, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the fields of a new job's document besides its owners, with their values.

        ``body`` is that of the request. See specification: job.document, create.body.
        """
        code, message = first_status(self.site)
        # Since v4.24.0 this parameter replaces the default status.
        requested = request.params.get("jobStatusMessage")
        return {
            "type": request.job_type,
            "statusCode": requested or code,
            "statusMessage": requested or message,
            "configVersion": self.config_version,
            "jobParams": new_params(body, self.release, v3=request.api is Api.V3),
            "jobResultObject": {},
        }

    def made_job_fields(self, request: UpdateRequest) -> Mapping[str, Any]:
        """Return the fields of a job's document that an update must keep, without ``createdBy``.

        See specification: job.document.
        """
        assert request.job is not None
        return {
            "type": request.job_type,
            "ownerUser": request.job.owner_user,
            "ownerGroup": request.job.owner_group,
            "configVersion": self.config_version,
        }

    def readable_pids(self, identity: Identity, job: Mapping[str, Any]) -> list[str]:
        """Return the datasets of a job that an identity may read, in ascending order of pids."""
        params = job.get("jobParams")
        listed = params.get("datasetList", []) if isinstance(params, dict) else []
        view = View(self.release, Reading.OBSERVED)
        wanted = [str(each.get("pid")) for each in listed]
        return readable_pids(self.site, identity, view, self.prepared.pids, wanted)

    def job_for(self, request: UpdateRequest, unknown: str, *, exclusive: bool) -> str:
        """Return the id of a job for an update; ``unknown`` where the request names no job.

        An ``exclusive`` job belongs to this update until the batch is settled; others are shared
        by updates that must not change them.
        """
        if request.job is None:
            return unknown
        if exclusive:
            known = self.site.job_types.get(request.job_type)
            # The effect of an action may depend on what an earlier update wrote to the job.
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
        """Return the reply of a list endpoint to an identity, requested once per worker.

        ``params`` makes the query from the name of the run.
        """
        # Probe jobs do not change during a run, so one reply serves the checks of all of them.
        if (identity.name, name) not in self.lists:
            found = self.client.query(identity, path, params(self.prepared.run))
            self.lists[identity.name, name] = found
        return self.lists[identity.name, name]

    def _names(self) -> dict[str, str]:
        """Return the values of ``$name`` in expected texts that hold for the whole run.

        A request and its stored job add theirs (``Settlement``).
        """
        pids = {f"pid_{alias.replace('-', '_')}": pid for alias, pid in self.prepared.pids.items()}
        addresses = {"default_from": DEFAULT_SENDER, "default_reply_to": REPLY_TO}
        times: dict[str, str] = {}
        for alias, pid in self.prepared.pids.items():
            if pid in self.prepared.datasets:
                times |= times_of(alias, self.prepared.datasets[pid])
        return {"run": self.prepared.run, **addresses, **pids, **times}

    def _make_job(self, job_type: str, job: JobOwnership) -> str:
        # Making it may have effects. A correlation of their own keeps them apart from a check's.
        marks = {**self.marks(self.correlation()), "made-for": "update"}
        document = make_job(self.client, self.janitor, job_type, job, marks, self.prepared.pids)
        self.known.note(document)
        job_id: str = document["id"]
        return job_id
