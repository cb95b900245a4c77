"""The protocol of deployments, the abilities that some have besides, and the data they exchange.

A check that needs an ability which a deployment lacks is not verifiable there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from scicat_harness.broker.broker import Broker
from scicat_harness.config.startup import NOWHERE, Secrets, ServiceAddresses
from scicat_harness.config.tls import USUAL_TLS, Tls
from scicat_harness.deploy.host import Host
from scicat_harness.model.site import Site
from scicat_harness.sinks.address import SinksAddress

__all__ = [
    "Attempt",
    "Backend",
    "BrokerOwner",
    "Deployment",
    "Described",
    "OwnedSinks",
    "Reconfigurable",
    "SharedResources",
    "SinksOwner",
    "StartFiles",
]


@dataclass(frozen=True, slots=True)
class Backend:
    """A running backend as plain data that can be passed to another process.

    ``log`` is the file of its output, None where the run cannot see it. ``owned`` is true when
    this run started it, so that data may stay in it. ``tokens`` are given ones, by user name.
    """

    base_url: str
    secrets: Secrets = field(repr=False)
    owned: bool
    log: Path | None = None
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    pace: float = 0.0
    """The least time from one request to the next, in seconds."""
    tls: Tls = USUAL_TLS
    database: str = field(default="", repr=False)
    """The URI of its MongoDB database, "" where the run cannot reach it."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """All variables of a backend of ours, in their order; empty where some are unknown."""


@dataclass(frozen=True, slots=True)
class StartFiles:
    """The job configuration and further files that a backend is started with, verbatim.

    ``job_config`` None: the file is missing, though the environment names it. ``environment`` is
    added to the variables of every backend; the value None removes a variable::

        StartFiles("jobs: [", environment={"JOBS_ENABLED": None})
    """

    job_config: str | None
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of trying to start a backend: healthy or not, and everything it printed.

    ``exit_code`` is that of a backend which ended by itself; None when it was still running.
    """

    healthy: bool
    exit_code: int | None
    output: str
    loaded: Attempt | None = None
    """The answer of the backend's loader alone, where it was asked beside the start."""


@dataclass(frozen=True, slots=True)
class OwnedSinks:
    """The address of sinks, and the file into which they write every arrival."""

    address: SinksAddress
    journal: Path


# Abilities are protocols of their own, checked with isinstance, so that a deployment implements
# only the methods it has.


class Deployment(Protocol):
    """Starts backends for sites and ends them all; closing is idempotent.

    ``name`` is the value of ``--deployment``; ``host`` is this machine as its backends see it.
    """

    name: str
    host: Host

    def start(self, site: Site, around: ServiceAddresses = NOWHERE) -> Backend:
        """Start a backend for this site, and return it once it is healthy.

        ``around`` are the addresses of sinks and broker. Raises EnvironmentFault when the backend
        ends or does not become healthy in time.
        """

    def close(self) -> None:
        """End all backends and services of this deployment."""


@runtime_checkable
class BrokerOwner(Protocol):
    """Ability: it has a broker beside its backends."""

    def start_broker(self) -> Broker:
        """Return that broker, ready to be used; it ends with the deployment."""


@runtime_checkable
class SinksOwner(Protocol):
    """Ability: sinks can be started among its backends."""

    def start_sinks(self) -> OwnedSinks:
        """Return sinks that answer; they end with the deployment."""


@runtime_checkable
class Described(Protocol):
    """Ability: it knows what its backends were made from."""

    def about(self) -> Mapping[str, str]:
        """Return the ``image`` reference as given, and its ``digest``, or its id without one.

        Of a checkout these are its folder, ``checkout``, and its ``commit`` where Git knows it.
        """


@runtime_checkable
class SharedResources(Protocol):
    """Ability: another process can start backends of its own in it."""

    def to_json(self) -> dict[str, Any]:
        """Return plain data for that process, which closes only the backends it starts."""


@runtime_checkable
class Reconfigurable(Protocol):
    """Ability: further backends can be started and ended, also over the data of another."""

    def start(self, site: Site, around: ServiceAddresses = NOWHERE) -> Backend:
        """Start a backend for another site, and return it once it is healthy.

        Sites with the same ``data`` share one database, one after the other. Raises
        EnvironmentFault as ``Deployment.start``.
        """

    def end(self, backend: Backend) -> None:
        """End one backend; its data stays until the deployment is closed."""

    def has_ended(self, backend: Backend, deadline: float) -> bool:
        """Return whether a backend ended by itself within ``deadline`` seconds."""

    def attempt(self, start: StartFiles) -> Attempt:
        """Try to start a backend, wait until it is healthy or has ended, and end it.

        A start that fails is a result here, not an error.
        """
