"""The stage: what a run puts into a backend before its first check, as plain data.

Datasets and jobs are made by the janitor, an account with admin and delete rights that is never
judged. Everything carries the run's marker, so that it can be told apart and removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from harness.client.scicat import SciCat
from harness.client.session import TokenDesk
from harness.client.transport import Transport
from harness.config.jobconfig import version_of
from harness.deploy.deployment import Backend
from harness.errors import EnvironmentFault
from harness.model.dataset import Dataset, DatasetList, Listed
from harness.model.identity import Identity, Token
from harness.model.request import NO_DATASETS, CreateRequest, JobOwnership, Ownership
from harness.model.site import Site

__all__ = ["Stage", "make_job", "open_client", "set_stage", "sweep"]

_CREATION_TIME = "2024-07-02T09:00:00.000Z"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and with what a run works; JSON types only apart from ``log``.

    ``missing`` names identities without a token and says why; ``pids`` maps dataset aliases;
    ``probes`` maps names of stored jobs to their ids.
    """

    run: str
    base_url: str
    owned: bool
    log: Path | None
    tokens: Mapping[str, str | None] = field(repr=False)
    missing: Mapping[str, str] = field(default_factory=dict)
    pids: Mapping[str, str] = field(default_factory=dict)
    probes: Mapping[str, str] = field(default_factory=dict)
    sinks: Mapping[str, Any] | None = None
    """The address of the sinks where effects land, if they can be seen."""
    pace: float = 0.0
    """The least time from one request to the next, in seconds."""

    def to_json(self) -> dict[str, Any]:
        """Plain data for another process."""
        return {**asdict(self), "log": str(self.log) if self.log else None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Stage:
        """The stage that ``to_json`` came from."""
        return cls(**{**data, "log": Path(data["log"]) if data["log"] else None})


def open_client(stage: Stage, transport: Transport | None = None) -> SciCat:
    """A client with a connection of its own and the tokens of the stage."""
    return SciCat(transport or Transport(stage.base_url, pace=stage.pace), stage.tokens)


def set_stage(
    backend: Backend,
    site: Site,
    janitor: Identity,
    run: str,
    probes: tuple[str, Iterable[JobOwnership]] | None = None,
) -> Stage:
    """Log in every identity, and make datasets, and probe jobs where asked for.

    Raises EnvironmentFault when the backend was not started with this site.
    """
    transport = Transport(backend.base_url, pace=backend.pace)
    desk = TokenDesk(transport, backend.secrets, backend.tokens)
    tokens = desk.tokens_for(site)
    if janitor.name not in tokens:
        raise EnvironmentFault(
            f"no password or token for {janitor.name!r}, who prepares and cleans up; add it to the "
            "accounts file (scicat-harness config DIR writes a complete one)"
        )
    client = SciCat(transport, tokens)
    try:
        _refuse_other_groups(client, site, tokens)
        stage = Stage(
            *(run, backend.base_url, backend.owned, backend.log, tokens, desk.missing),
            pace=backend.pace,
        )
        return _furnish(client, stage, site, janitor, probes)
    finally:
        transport.close()


def _furnish(
    client: SciCat,
    stage: Stage,
    site: Site,
    janitor: Identity,
    probes: tuple[str, Iterable[JobOwnership]] | None,
) -> Stage:
    pids = {alias: f"{stage.run}/{alias}" for alias in site.datasets}
    furnished = replace(stage, pids=pids)
    try:
        for dataset in site.datasets.values():
            if dataset.exists:
                _make_dataset(client, janitor, dataset, pids[dataset.alias])
        job_type, jobs = probes or ("", ())
        made: dict[str, str] = {}
        for job in jobs:
            marks = {"run": stage.run, "probe": job.name}
            document = make_job(client, janitor, job_type, job, marks, pids)
            if not stage.owned:
                _refuse_other_configuration(site, document)
            made[job.name] = document["id"]
    except BaseException:
        if not stage.owned:
            # Nothing of ours stays in a backend that turns out to be the wrong one.
            with suppress(EnvironmentFault):
                sweep(furnished, site, janitor)
        raise
    return replace(furnished, probes=made)


def make_job(
    client: SciCat,
    janitor: Identity,
    job_type: str,
    job: JobOwnership,
    marks: Mapping[str, str],
    pids: Mapping[str, str],
) -> dict[str, Any]:
    """A stored job with the given owners, made by the janitor; its v4 document.

    It lists the first of ``pids``, if any.
    """
    asked = Ownership(job.name, job.owner_user, job.owner_group, "contact@elsewhere.example")
    # Before v5.2.0 even admins had to list datasets where the create auth judges them.
    listed = NO_DATASETS
    if pids:
        listed = DatasetList("any", (Listed(next(iter(pids))),))
    if job.datasets is not None:
        listed = DatasetList("given", tuple(Listed(each) for each in job.datasets))
        listed = listed if job.datasets else NO_DATASETS
    reply = client.submit(janitor, CreateRequest(job_type, listed, asked), pids, marks)
    document = reply.json
    if reply.status >= 300 or not isinstance(document, dict) or "id" not in document:
        raise EnvironmentFault(
            f"the harness could not make a job of type {job_type!r}: {reply.summary()}; was the "
            "backend started with the job configuration of this run?"
        )
    return document


def _make_dataset(client: SciCat, janitor: Identity, dataset: Dataset, pid: str) -> None:
    body = {
        "pid": pid,
        "type": "raw",
        "datasetName": pid,
        "owner": "harness",
        "ownerGroup": dataset.owner_group,
        "accessGroups": list(dataset.access_groups),
        "isPublished": dataset.published,
        "contactEmail": "contact@elsewhere.example",
        "principalInvestigator": "harness",
        "creationLocation": "harness",
        "creationTime": _CREATION_TIME,
        "sourceFolder": f"/harness/{pid}",
        "datasetlifecycle": {
            "archivable": dataset.archivable,
            "retrievable": dataset.retrievable,
        },
    }
    reply = client.send(janitor, "POST", "/api/v3/datasets", body=dataset.with_fields(body))
    if reply.status != 201:
        raise EnvironmentFault(f"the harness could not make a dataset: {reply.summary()}")
    if not dataset.files:
        return
    files = [{"path": path, "size": 1, "time": _CREATION_TIME} for path in dataset.files]
    block = {"datasetId": pid, "size": len(files), "dataFileList": files}
    reply = client.send(janitor, "POST", "/api/v3/origdatablocks", body=block)
    if reply.status != 201:
        raise EnvironmentFault(f"the harness could not add files: {reply.summary()}")


def _refuse_other_groups(client: SciCat, site: Site, tokens: Mapping[str, str | None]) -> None:
    wrong = []
    for identity in site.identities.values():
        if identity.token is not Token.LOGIN or identity.name not in tokens:
            continue
        who = client.send(identity, "GET", "/api/v3/auth/whoami").json
        found = who.get("currentGroups", []) if isinstance(who, dict) else []
        # Before v4.27.0 an account without a role is in a group that is null.
        found = sorted(group for group in found if group)
        if found != sorted(identity.groups):
            wrong.append(f"{identity.name} has {found} instead of {list(identity.groups)}")
    if wrong:
        raise EnvironmentFault(
            "the backend was not started with the accounts of this run: "
            + "; ".join(wrong[:_SHOWN])
            + ". Start it with what 'scicat-harness config DIR' writes"
        )


def _refuse_other_configuration(site: Site, document: Mapping[str, Any]) -> None:
    wanted = version_of(site)
    if document.get("configVersion") != wanted:
        raise EnvironmentFault(
            f"the backend was started with job configuration {document.get('configVersion')!r}, "
            f"this run needs {wanted!r}; start it with what 'scicat-harness config DIR' writes"
        )


def sweep(stage: Stage, site: Site, janitor: Identity) -> list[str]:
    """Remove every job and dataset of the run; what could not be removed, as sentences."""
    client = open_client(stage)
    left: list[str] = []
    try:
        jobs = client.find_jobs(janitor, {"jobParams.run": stage.run})
        kept = [job["id"] for job in jobs if client.delete(janitor, job["id"]).status != 200]
        if kept:
            left.append(f"{len(kept)} jobs with jobParams.run = {stage.run!r}")
        left += _sweep_datasets(client, stage, site, janitor)
    finally:
        client.transport.close()
    return left


def _sweep_datasets(client: SciCat, stage: Stage, site: Site, janitor: Identity) -> list[str]:
    left = []
    for alias, pid in stage.pids.items():
        if not site.dataset(alias).exists:
            continue
        where = quote(pid, safe="")
        found = client.send(janitor, "GET", f"/api/v3/datasets/{where}")
        if found.status == 404 or not isinstance(found.json, dict):
            continue
        blocks = client.send(janitor, "GET", f"/api/v3/datasets/{where}/origdatablocks").json
        for block in blocks if isinstance(blocks, list) else []:
            path = f"/api/v3/origdatablocks/{quote(str(block.get('_id')), safe='')}"
            if client.send(janitor, "DELETE", path).status != 200:
                left.append(f"origdatablock {block.get('_id')} of {pid}")
        if client.send(janitor, "DELETE", f"/api/v3/datasets/{where}").status != 200:
            left.append(f"dataset {pid}")
    return left
