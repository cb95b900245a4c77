"""Deployments: what a run needs of a backend, however it came to be running."""

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
    """A running backend as plain data that can be handed to another process.

    ``log`` is the file its output goes to, where we can see it; ``owned`` tells whether this run
    started it and may leave data behind in it.
    """

    base_url: str
    secrets: Secrets = field(repr=False)
    owned: bool
    log: Path | None = None
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    pace: float = 0.0
    """The least time from one of our requests to the next, in seconds."""
    tls: Tls = USUAL_TLS


@dataclass(frozen=True, slots=True)
class StartFiles:
    """What a backend is started with, word for word: a job configuration and what it names.

    ``job_config`` None: no such file, though the backend is told of one. ``environment`` is added
    to what every backend needs; a value None takes a variable away.
    """

    job_config: str | None
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a start ended: healthy, or with an exit code; and everything that was printed."""

    healthy: bool
    exit_code: int | None
    output: str


@dataclass(frozen=True, slots=True)
class OwnedSinks:
    """Where sinks are, and the file into which every arrival is written."""

    address: SinksAddress
    journal: Path


class Deployment(Protocol):
    """Starts backends for sites and ends them all; closing is idempotent."""

    name: str
    host: Host

    def start(self, site: Site, around: ServiceAddresses = NOWHERE) -> Backend:
        """A healthy backend for this site, or an EnvironmentFault."""

    def close(self) -> None:
        """End everything that was started."""


@runtime_checkable
class BrokerOwner(Protocol):
    """Ability: it has a broker beside its backends."""

    def start_broker(self) -> Broker:
        """That broker, ready to be used; it ends with the deployment."""


@runtime_checkable
class SinksOwner(Protocol):
    """Ability: sinks can be started among its backends."""

    def start_sinks(self) -> OwnedSinks:
        """Sinks that answer; they end with the deployment."""


@runtime_checkable
class Described(Protocol):
    """Ability: it knows what its backends were made of."""

    def about(self) -> Mapping[str, str]:
        """``image``: the reference as given; ``digest``: its digest, or its id if it has none."""


@runtime_checkable
class SharedResources(Protocol):
    """Ability: another process can start backends of its own in it."""

    def to_json(self) -> dict[str, Any]:
        """What that process needs to know, as plain data; it closes only what it starts."""


@runtime_checkable
class Reconfigurable(Protocol):
    """Ability: further backends can be started and ended, also over the data of another."""

    def start(self, site: Site, around: ServiceAddresses = NOWHERE) -> Backend:
        """A healthy backend for another site, or an EnvironmentFault.

        Sites with the same ``data`` share it, one after the other.
        """

    def end(self, backend: Backend) -> None:
        """End one backend in good order; its data stays until the deployment is closed."""

    def has_ended(self, backend: Backend, deadline: float) -> bool:
        """Whether a backend ended by itself within so many seconds."""

    def attempt(self, start: StartFiles) -> Attempt:
        """Try to start one, wait until it is healthy or has ended, and end it."""
