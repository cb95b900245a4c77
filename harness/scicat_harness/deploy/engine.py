"""The container engine: its connection, and the images, networks and volumes of a run.

Every object carries the name of its run, as a label and in its own name. A run notes the engine in
its leftovers before it makes the first object, so that the next start removes what a killed run
left. The reaper of testcontainers is not used: it needs an image of its own, and ends containers
of other workers.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from ipaddress import ip_network
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.containers import Container

from scicat_harness.deadline import within
from scicat_harness.deploy.host import Host
from scicat_harness.errors import DeadlineExceeded, EnvironmentFault

__all__ = [
    "CONTAINERS",
    "RUN_LABEL",
    "ContainerEngine",
    "Image",
    "Owner",
    "answering",
    "gateway_of",
]

RUN_LABEL = "scicat-harness.run"
_PROCESS = "scicat-harness.process"
CONTAINERS = "containers"
"""The kind of containers, networks and volumes among leftovers."""
_USUAL = "unix:///var/run/docker.sock"
_OLDEST = (1, 41)
"""The API version of engine 20.10, the oldest engine that was tried."""
_DEADLINE = 60
_ASK_DEADLINE = 10
_Filters = dict[str, str | list[str] | bool]


@dataclass(frozen=True, slots=True)
class Owner:
    """The run that owns objects in an engine.

    ``process`` is a label for people who look at the engine; it is never used to identify objects.
    """

    run: str
    process: int = field(default_factory=os.getpid)

    @property
    def labels(self) -> dict[str, str]:
        """The labels of all its objects."""
        return {RUN_LABEL: self.run, _PROCESS: str(self.process)}

    def made(self, thing: Any) -> bool:
        """Return whether a container, network or volume has the label and the name of this run.

        The label alone proves nothing: anybody can set it.
        """
        # Networks and volumes have no ``labels`` attribute, only their raw description.
        labels = getattr(thing, "labels", None) or thing.attrs.get("Labels") or {}
        return labels.get(RUN_LABEL) == self.run and str(thing.name).startswith(self.prefix)

    @property
    def prefix(self) -> str:
        """The beginning of the names of all its objects."""
        return f"scicat-{self.run}"


@dataclass(frozen=True, slots=True)
class Image:
    """An image in the engine: its reference as given, its digest or id, and its working folder."""

    reference: str
    digest: str
    folder: str

    def about(self) -> dict[str, str]:
        """Return the fields that identify it in a report."""
        return {"image": self.reference, "digest": self.digest}


class ContainerEngine:
    """A connection to the engine at ``where``.

    The default is DOCKER_HOST, or ``unix:///var/run/docker.sock``. Raises EnvironmentFault, with
    the fix, when no engine answers there or it is older than Docker 20.10.
    """

    def __init__(self, where: str | None = None) -> None:
        self.where = where or os.environ.get("DOCKER_HOST") or _USUAL
        self.client = _connect(self.where)
        with answering(f"the engine at {self.where}"):
            self.info: Mapping[str, Any] = self.client.info()

    @property
    def is_desktop(self) -> bool:
        """True if it runs in a virtual machine whose containers reach this machine's loopback."""
        return "Docker Desktop" in str(self.info.get("OperatingSystem", ""))

    def host(self) -> Host:
        """Return this machine as containers see it.

        That is the gateway of the network ``bridge``, or ``host.docker.internal`` for Docker
        Desktop. Raises EnvironmentFault where containers cannot reach this machine.
        """
        if self.is_desktop:
            return Host("127.0.0.1", "host.docker.internal")
        address = str(self.client.api.base_url)
        if not address.startswith(("http+docker:", "http+unix:", "npipe:")):
            raise EnvironmentFault(
                f"the engine at {address} is on another machine, its containers cannot reach the "
                "sinks here; run the harness there"
            )
        with answering("the engine's network 'bridge'"):
            gateway = gateway_of(self.client.networks.get("bridge").attrs)
        if gateway is None:
            raise EnvironmentFault(
                "the engine's network 'bridge' has no gateway address, so containers cannot reach "
                "the sinks of this machine; give it one ('bip' of the daemon's configuration)"
            )
        return Host(gateway, gateway)

    def image(self, reference: str, option: str) -> Image:
        """Return an image, pulled if the engine does not have it.

        ``option`` is the option that named it, for messages. Raises EnvironmentFault when it can
        be neither found nor pulled.
        """
        try:
            found = self.client.images.get(reference)
        except ImageNotFound:
            found = self._pulled(reference, option)
        except (DockerException, requests.RequestException) as error:
            raise EnvironmentFault(f"{option} {reference}: {_reason(error)}") from None
        # An image that was built here and never pushed has no digest, only an id.
        digests = found.attrs.get("RepoDigests") or [found.id]
        folder = found.attrs["Config"].get("WorkingDir") or "/"
        return Image(reference, str(digests[0]), folder)

    def _pulled(self, reference: str, option: str) -> Any:
        try:
            self.client.images.pull(*_name_and_tag(reference))
            return self.client.images.get(reference)
        except (DockerException, requests.RequestException) as error:
            raise EnvironmentFault(
                f"{option} {reference}: the image is not here and cannot be pulled "
                f"({_reason(error)}); correct the name, log in to its registry, or build it"
            ) from None

    def make_network(self, owner: Owner) -> str:
        """Make a network for a run; return its name."""
        try:
            network = self.client.networks.create(
                owner.prefix, driver="bridge", labels=owner.labels
            )
        except (DockerException, requests.RequestException) as error:
            raise EnvironmentFault(
                f"the engine cannot make a network: {_reason(error)}; remove unused ones with "
                "'docker network prune'"
            ) from None
        return str(network.name)

    def make_volume(self, owner: Owner) -> str:
        """Make a volume for a run; return its name."""
        with answering("the engine cannot make a volume"):
            volume = self.client.volumes.create(owner.prefix, labels=owner.labels)
        return str(volume.name)

    def remove(self, run: str) -> None:
        """Remove every container, network and volume of a run.

        Raises EnvironmentFault when the engine fails, or when an object has the label of the run
        and not its name: somebody else made it, and it stays.
        """
        selected: _Filters = {"label": f"{RUN_LABEL}={run}"}
        owner = Owner(run)
        with answering(f"the engine at {self.where}"):
            containers = self._containers(selected)
            networks = self.client.networks.list(filters=selected)
            volumes = self.client.volumes.list(filters=selected)
            strange = []
            # Containers first: a network or volume that one of them uses cannot be removed. "v"
            # removes their anonymous volumes, which have no label.
            found: list[tuple[Any, dict[str, bool]]] = [
                *((each, {"force": True, "v": True}) for each in containers),
                *((each, {}) for each in networks),
                *((each, {"force": True}) for each in volumes),
            ]
            for thing, options in found:
                if owner.made(thing):
                    _remove(partial(thing.remove, **options))
                else:
                    strange.append(str(thing.name))
        if strange:
            raise EnvironmentFault(
                f"{', '.join(strange)}: labelled {RUN_LABEL}={run}, but not made by the harness; "
                "remove the label, or remove them by hand"
            )

    def _containers(self, selected: _Filters) -> list[Container]:
        # The client asks for each container listed; those of other runs may vanish in between.
        return self.client.containers.list(all=True, filters=selected, ignore_removed=True)

    def container(self, name: str) -> Container:
        """Return a container by its id or name."""
        with answering(f"container {name}"):
            return self.client.containers.get(name)

    def close(self) -> None:
        """Close the connection."""
        self.client.close()


@contextmanager
def answering(what: str) -> Iterator[None]:
    """Turn an error of the engine into an EnvironmentFault that begins with ``what``."""
    try:
        yield
    except (DockerException, requests.RequestException) as error:
        raise EnvironmentFault(f"{what}: {_reason(error)}") from None


def _remove(remove: Callable[[], object]) -> None:
    """Call ``remove``; an object that is gone, or is being removed already, is no error."""
    try:
        remove()
    except NotFound:
        return
    except APIError as error:
        # 409 Conflict: its removal is in progress.
        if error.status_code != HTTPStatus.CONFLICT:
            raise


def _connect(where: str) -> docker.DockerClient:
    version = _api_version(where)
    if tuple(int(part) for part in version.split(".")) < _OLDEST:
        raise EnvironmentFault(
            f"the container engine at {where} speaks API {version}; Docker 20.10 or newer is needed"
        )
    return docker.from_env(timeout=_DEADLINE, version=version, environment=_environment(where))


def _api_version(where: str) -> str:
    """Return the newest API version of the engine.

    Requests with a version are refused by engines that no longer have it, so this one has none.
    """
    try:
        _reach(where)
        client = docker.from_env(
            timeout=_ASK_DEADLINE, version=_shown(_OLDEST), environment=_environment(where)
        )
    except (DockerException, OSError) as error:
        raise EnvironmentFault(f"no container engine at {where}: {_fix(error)}") from None
    try:
        # The timeout of the client limits a single read.
        about = within(
            _ASK_DEADLINE * 2, "its version", lambda: client.api.version(api_version=False)
        )
        return str(about.get("ApiVersion", "0.0"))
    except (DockerException, requests.RequestException, DeadlineExceeded) as error:
        raise EnvironmentFault(f"no container engine at {where}: {_fix(error)}") from None
    finally:
        client.close()


def _environment(where: str) -> dict[str, str]:
    return {**os.environ, "DOCKER_HOST": where}


def _reach(where: str) -> None:
    """Raise OSError where nothing listens at a socket.

    Without this probe the docker client would fail as well, but leave its own socket open.
    """
    kind, _, path = where.partition("://")
    if kind == "unix":
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)


def _shown(version: tuple[int, int]) -> str:
    return ".".join(str(part) for part in version)


def _fix(error: Exception) -> str:
    # Matched by text: docker-py raises an error of its own with only the text of the OSError.
    text = str(error)
    if "Permission denied" in text:
        return "permission denied; add your user to the group 'docker', or use sudo"
    if "No such file" in text or "Connection refused" in text:
        return "it is not running; start Docker, or set DOCKER_HOST to where it listens"
    return f"{_reason(error)}; is DOCKER_HOST right, and Docker running?"


def _reason(error: Exception) -> str:
    """Return the last line of an error's text, or its type."""
    # APIError.explanation is the engine's own text, without the URL of the request.
    text = getattr(error, "explanation", None) or str(error)
    lines = str(text).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


def gateway_of(network: Mapping[str, Any]) -> str | None:
    """Return the address of this machine in a network of the engine; None where it has none.

    ``network`` is the description as the engine's API returns it. Engine 20.10 describes a bridge
    that it has just made by its subnet alone; the gateway is then the first address of that.
    """
    ranges = network.get("IPAM", {}).get("Config") or []
    for each in ranges:
        if each.get("Gateway"):
            return str(each["Gateway"])
    for each in ranges:
        with suppress(ValueError):
            return str(next(ip_network(each.get("Subnet", "")).hosts()))
    return None


def _name_and_tag(reference: str) -> tuple[str, str | None]:
    """Split an image reference into the arguments of a pull.

    A name without tag or digest means ``latest``; docker-py would pull every tag.
    """
    name, at, digest = reference.partition("@")
    if at:
        return name, digest
    # A colon before the last slash is that of a registry's port: 127.0.0.1:5000/scicat.
    last = reference.rsplit("/", 1)[-1]
    return (reference, None) if ":" in last else (reference, "latest")
