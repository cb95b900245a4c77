"""Prepared backends: logged-in identities, datasets and first jobs, as plain data.

Datasets and jobs are made by the janitor, an account with admin and delete rights that is never
judged. Everything carries the run's marker; in a backend that is not ours it is also listed, so
that it can be distinguished and removed (scicat_harness.probe.removal).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.session import Logins
from scicat_harness.client.transport import USUAL_DEADLINE, Transport
from scicat_harness.config.jobconfig import version_of
from scicat_harness.config.tls import USUAL_TLS, Tls
from scicat_harness.deploy.deployment import Backend
from scicat_harness.deploy.mongo import fingerprints, policies
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.dataset import DatasetList, Listed
from scicat_harness.model.identity import CONTACT, Identity, Token
from scicat_harness.model.request import NO_DATASETS, CreateRequest, JobOwnership, Ownership
from scicat_harness.model.site import Site
from scicat_harness.probe.datasets import DatasetRefused, make_dataset, read_datasets
from scicat_harness.probe.guard import Guard
from scicat_harness.probe.made import MadeList
from scicat_harness.secrets import hide

__all__ = [
    "SIGNING_KEY",
    "PreparedBackend",
    "furnish",
    "log_in",
    "make_job",
    "open_client",
    "password_name",
    "prepare_backend",
]

CHANGED = frozenset({"Job", "Dataset", "OrigDatablock", "Datablock", "Policy"})
"""Collections that requests of a run change, or that are compared in another way.

The first dataset of an owner group makes a policy (observed v5.2.1), so policies may be added.
"""
SIGNING_KEY = "JWT_SECRET"
"""The name of the key that signs tokens, among the secrets of a backend."""
# Identities with wrong groups that a message names.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PreparedBackend:
    """A backend that is ready for checks: address, tokens, ids of datasets and of first jobs.

    ``run`` is the name of the run. ``owned``: this run started the backend. ``tokens`` maps names
    of identities to tokens, None for no header; ``missing`` maps those without a token to the
    reason. ``pids`` maps dataset aliases to pids, ``probes`` names of stored jobs to ids.
    """

    run: str
    base_url: str
    owned: bool
    log: Path | None
    tokens: Mapping[str, str | None] = field(repr=False)
    missing: Mapping[str, str] = field(default_factory=dict)
    pids: Mapping[str, str] = field(default_factory=dict)
    probes: Mapping[str, str] = field(default_factory=dict)
    probe_jobs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    """The documents of the first jobs by id, as their creates showed them, in that order."""
    datasets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    """The datasets of a backend of ours by pid, as they were read after they were made."""
    unmade: Mapping[str, str] = field(default_factory=dict)
    """Aliases of datasets that the backend refused because of their fields, with the reason."""
    database: str = field(default="", repr=False)
    """The URI of the database of a backend of ours, "" where the run cannot reach it."""
    collections: Mapping[str, str] = field(default_factory=dict)
    """Fingerprints of its collections that no request of a run may change."""
    policies: Mapping[str, str] = field(default_factory=dict)
    """Fingerprints of its policies by id, after the datasets of the run were made."""
    sinks: Mapping[str, Any] | None = None
    """The address of the sinks where effects land, if they can be seen."""
    pace: float = 0.0
    """The least time from one request to the next, in seconds."""
    tls: Tls = USUAL_TLS
    made: Path | None = None
    """The list of the objects that the run makes, where the backend is not ours."""
    planted: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets of a backend of ours by their names, which nothing that it sends may contain."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """All variables of a backend of ours, in their order; empty where some are unknown."""
    janitor: str = ""
    """The identity that reads objects of such a backend to see whether they are of the run."""

    def to_json(self) -> dict[str, Any]:
        """Return plain data for another process, tokens included."""
        paths = {name: str(path) if path else None for name, path in self._paths().items()}
        return {**asdict(self), **paths}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PreparedBackend:
        """Return the prepared backend from what ``to_json`` returned."""
        # Each process keeps its own list of secrets to leave out of texts.
        hide(*data["tokens"].values(), *data["planted"].values())
        paths = {name: Path(data[name]) if data[name] else None for name in ("log", "made")}
        return cls(**{**data, **paths, "tls": Tls(**data["tls"])})

    def _paths(self) -> Mapping[str, Path | None]:
        return {"log": self.log, "made": self.made}


def password_name(account: str) -> str:
    """Return the name of the password of an account, among the secrets of a backend."""
    return f"the password of {account}"


def open_client(
    prepared: PreparedBackend,
    transport: Transport | None = None,
    *,
    deadline: float = USUAL_DEADLINE,
) -> SciCat:
    """Return a client with a connection of its own and the tokens of the prepared backend.

    ``deadline`` is in seconds for each request. In a backend that is not ours a guard refuses
    changes of objects that are not of the run, and creates are listed.
    """
    used = transport or _transport(prepared, prepared.made, deadline)
    guarded = not prepared.owned and prepared.janitor
    token = prepared.tokens.get(prepared.janitor)
    return SciCat(used, prepared.tokens, Guard(prepared.run, used, token) if guarded else None)


def _transport(
    reached: PreparedBackend | Backend, made: Path | None, deadline: float = USUAL_DEADLINE
) -> Transport:
    return Transport(
        reached.base_url,
        deadline=deadline,
        pace=reached.pace,
        owned=reached.owned,
        tls=reached.tls,
        observer=MadeList(made) if made is not None else None,
    )


def prepare_backend(
    backend: Backend,
    site: Site,
    janitor: Identity,
    run: str,
    probes: tuple[str, Iterable[JobOwnership]] | None = None,
) -> PreparedBackend:
    """Log in every identity at a backend of ours, make its datasets and, if given, probe jobs.

    ``probes`` are a job type and the ownerships of the jobs. Raises EnvironmentFault when the
    backend was not started with this site.
    """
    return furnish(log_in(backend, site, janitor, run), site, janitor, probes)


def log_in(
    backend: Backend, site: Site, janitor: Identity, run: str, made: Path | None = None
) -> PreparedBackend:
    """Return a backend with logged-in identities, without datasets and jobs.

    ``made`` is the file that lists what is made, required where the backend is not ours. Raises
    EnvironmentFault when the janitor cannot log in, or when an account is not in the groups of the
    site, so that the backend was not started with it.
    """
    assert backend.owned or made is not None, "what is made must be listed"
    transport = _transport(backend, made)
    try:
        logins = Logins(transport, backend.secrets, backend.tokens)
        tokens = logins.tokens_for(site)
        if janitor.name not in tokens:
            raise EnvironmentFault(
                f"no password or token for {janitor.name!r}, which prepares and cleans up. Add it "
                "to the accounts file (scicat-harness config DIR writes a complete one)"
            )
        _refuse_other_groups(SciCat(transport, tokens), site, tokens)
    finally:
        transport.close()
    return PreparedBackend(
        *(run, backend.base_url, backend.owned, backend.log, tokens, logins.missing),
        # By this beginning the guard and the removal know the datasets of the run.
        pids={alias: f"{run}/{alias}" for alias in site.datasets},
        environment=backend.environment,
        pace=backend.pace,
        tls=backend.tls,
        made=made,
        planted=_planted(backend, site) if backend.owned else {},
        database=backend.database,
        janitor=janitor.name,
    )


def _planted(backend: Backend, site: Site) -> dict[str, str]:
    """Return the secrets that a backend of ours was started with; each is a random text.

    The actions of a facility may show the environment, and with it the key that signs tokens.
    """
    passwords = backend.secrets.passwords.items()
    found = {password_name(name): password for name, password in passwords}
    return {**found, SIGNING_KEY: backend.secrets.jwt or ""} if site.marked else found


def furnish(
    prepared: PreparedBackend,
    site: Site,
    janitor: Identity,
    probes: tuple[str, Iterable[JobOwnership]] | None = None,
) -> PreparedBackend:
    """Make the datasets of the site and, if given, probe jobs; return the backend with them.

    ``probes`` are a job type and the ownerships of the jobs. Raises EnvironmentFault when the
    backend was not started with this site; in one that is not ours, ``prepared.made`` then lists
    the objects made so far.
    """
    client = open_client(prepared)
    try:
        unmade = dict(_make_datasets(client, janitor, site, prepared.pids))
        # No request of a run changes them; its end looks whether none did.
        datasets = (
            read_datasets(client, janitor, site, prepared.pids, unmade) if prepared.owned else {}
        )
        job_type, jobs = probes or ("", ())
        made: dict[str, str] = {}
        documents: dict[str, dict[str, Any]] = {}
        for job in jobs:
            correlation = f"{prepared.run}-probe-{job.name}"
            marks = {"run": prepared.run, "probe": job.name, "correlation": correlation}
            document = make_job(client, janitor, job_type, job, marks, prepared.pids)
            # We wrote the configuration of a backend of ours; of others, jobs show which one it is.
            if not prepared.owned:
                _refuse_other_configuration(site, document)
            made[job.name] = document["id"]
            documents[document["id"]] = document
    finally:
        client.transport.close()
    database = prepared.database
    collections = fingerprints(database, without=CHANGED) if database else {}
    stored = policies(database) if database else {}
    return replace(
        prepared,
        probes=made,
        probe_jobs=documents,
        datasets=datasets,
        unmade=unmade,
        collections=collections,
        policies={name: each.fingerprint for name, each in stored.items()},
    )


def _make_datasets(
    client: SciCat, janitor: Identity, site: Site, pids: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Make the datasets of a site; yield alias and reason of those that the backend refuses.

    Only fields that a configuration asks for are a reason: other datasets must be accepted.
    """
    for dataset in site.datasets.values():
        if not dataset.exists:
            continue
        try:
            make_dataset(client, janitor, dataset, pids[dataset.alias])
        except DatasetRefused as refused:
            if not dataset.fields:
                raise
            yield dataset.alias, str(refused)


def make_job(
    client: SciCat,
    janitor: Identity,
    job_type: str,
    job: JobOwnership,
    marks: Mapping[str, str],
    pids: Mapping[str, str],
) -> dict[str, Any]:
    """Create a job with the given owners as the janitor and return its v4 document.

    It lists the datasets of ``job``, or else the first of ``pids``, if any. Raises EnvironmentFault
    where the backend refuses.
    """
    asked = Ownership(job.name, job.owner_user, job.owner_group, CONTACT)
    # Before v5.2.0 even admins must list datasets for ``#dataset`` values (releases.v5.2).
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
            f"the harness could not make a job of type {job_type!r}: {reply.summary()}. Start the "
            "backend with the job configuration of this run (scicat-harness config DIR writes it)"
        )
    return document


def _refuse_other_groups(client: SciCat, site: Site, tokens: Mapping[str, str | None]) -> None:
    wrong = []
    for identity in site.identities.values():
        # Groups of other tokens are not those of an account.
        if identity.token is not Token.LOGIN or identity.name not in tokens:
            continue
        who = client.send(identity, "GET", "/api/v3/auth/whoami").json
        found = who.get("currentGroups", []) if isinstance(who, dict) else []
        # Before v4.27.0 an account without a role is in a group ``null``.
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
