"""The container engine: reached or refused with the fix, and what a run makes in it, by labels.

Everything carries the name of its run, as a label and in its own name. A run notes it before it
makes the first of them, so that what a killed run leaves is removed at the next start; the reaper
of testcontainers is not used, for it needs an image of its own and ends containers of other
workers.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
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

__all__ = ["CONTAINERS", "RUN_LABEL", "ContainerEngine", "Image", "Owner", "gateway_of"]

RUN_LABEL = "scicat-harness.run"
_PROCESS = "scicat-harness.process"
CONTAINERS = "containers"
"""What they are called among leftovers, with networks and volumes."""
_USUAL = "unix:///var/run/docker.sock"
_OLDEST = (1, 41)
"""The API of engine 20.10, the oldest that was tried."""
_DEADLINE = 60
_ASK_DEADLINE = 10
_Filters = dict[str, str | list[str] | bool]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose something is: a run. Its process is told to people, and proves nothing."""

    run: str
    process: int = field(default_factory=os.getpid)

    @property
    def labels(self) -> dict[str, str]:
        """What everything of it is labelled with."""
        return {RUN_LABEL: self.run, _PROCESS: str(self.process)}

    def made(self, thing: Any) -> bool:
        """Whether a container, network or volume is of this run, by its label and its name."""
        # The description of a container has them at another place.
        labels = getattr(thing, "labels", None) or thing.attrs.get("Labels") or {}
        return labels.get(RUN_LABEL) == self.run and str(thing.name).startswith(self.prefix)

    @property
    def prefix(self) -> str:
        """What the names of everything of it begin with."""
        return f"scicat-{self.run}"


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is here: its reference as given, its digest or id, and its working folder."""

    reference: str
    digest: str
    folder: str

    def about(self) -> dict[str, str]:
        """What identifies it in a report."""
        return {"image": self.reference, "digest": self.digest}


class ContainerEngine:
    """A connection to the engine at ``where``, else the one DOCKER_HOST names, or the usual one."""

    def __init__(self, where: str | None = None) -> None:
        self.where = where or os.environ.get("DOCKER_HOST") or _USUAL
        self.client = _connect(self.where)
        self.info: Mapping[str, Any] = self.client.info()

    @property
    def is_desktop(self) -> bool:
        """Whether it runs in a virtual machine that forwards ports of this one's loopback."""
        return "Docker Desktop" in str(self.info.get("OperatingSystem", ""))

    def host(self) -> Host:
        """This machine as containers see it.

        Raises EnvironmentFault where they cannot reach it.
        """
        if self.is_desktop:
            return Host("127.0.0.1", "host.docker.internal")
        address = str(self.client.api.base_url)
        if not address.startswith(("http+docker:", "http+unix:", "npipe:")):
            raise EnvironmentFault(
                f"the engine at {address} is on another machine, its containers cannot reach the "
                "sinks here; run the harness there"
            )
        gateway = gateway_of(self.client.networks.get("bridge").attrs)
        if gateway is None:
            raise EnvironmentFault(
                "the engine's network 'bridge' has no gateway address, so containers cannot reach "
                "the sinks of this machine; give it one ('bip' of the daemon's configuration)"
            )
        return Host(gateway, gateway)

    def image(self, reference: str, option: str) -> Image:
        """An image, pulled if it is not here; ``option`` is what named it."""
        try:
            found = self.client.images.get(reference)
        except ImageNotFound:
            found = self._pulled(reference, option)
        except APIError as error:
            raise EnvironmentFault(f"{option} {reference}: {_reason(error)}") from None
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
        """A network of a run; its name."""
        try:
            network = self.client.networks.create(
                owner.prefix, driver="bridge", labels=owner.labels
            )
        except APIError as error:
            raise EnvironmentFault(
                f"the engine cannot make a network: {_reason(error)}; 'docker network prune' "
                "removes those nobody uses"
            ) from None
        return str(network.name)

    def make_volume(self, owner: Owner) -> str:
        """A volume of a run; its name."""
        try:
            volume = self.client.volumes.create(owner.prefix, labels=owner.labels)
        except APIError as error:
            raise EnvironmentFault(f"the engine cannot make a volume: {_reason(error)}") from None
        return str(volume.name)

    def remove(self, run: str) -> None:
        """Remove every container, network and volume of a run.

        Raises EnvironmentFault when the engine does not do it, or when something carries the
        label of the run and not its name: that was made by somebody else, and stays.
        """
        selected: _Filters = {"label": f"{RUN_LABEL}={run}"}
        owner = Owner(run)
        try:
            containers = self._containers(selected)
            networks = self.client.networks.list(filters=selected)
            volumes = self.client.volumes.list(filters=selected)
            strange = []
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
        except (DockerException, requests.RequestException) as error:
            raise EnvironmentFault(f"the engine at {self.where}: {_reason(error)}") from None
        if strange:
            raise EnvironmentFault(
                f"{', '.join(strange)}: labelled {RUN_LABEL}={run}, and not made by the harness"
            )

    def _containers(self, selected: _Filters) -> list[Container]:
        # Those of other runs come and go while they are listed.
        return self.client.containers.list(all=True, filters=selected, ignore_removed=True)

    def container(self, name: str) -> Container:
        """A container by its id or name."""
        return self.client.containers.get(name)

    def close(self) -> None:
        """Close the connection."""
        self.client.close()


def _remove(remove: Callable[[], object]) -> None:
    """Remove something, unless somebody else does."""
    try:
        remove()
    except NotFound:
        return
    except APIError as error:
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
    """The newest the engine speaks, asked without a version, for new engines refuse old ones."""
    try:
        _reach(where)
        client = docker.from_env(
            timeout=_ASK_DEADLINE, version=_shown(_OLDEST), environment=_environment(where)
        )
    except (DockerException, OSError) as error:
        raise EnvironmentFault(f"no container engine at {where}: {_fix(error)}") from None
    try:
        # What the client limits is a single read.
        about = within(
            _ASK_DEADLINE * 2, "asking it", lambda: client.api.version(api_version=False)
        )
        return str(about.get("ApiVersion", "0.0"))
    except (DockerException, requests.RequestException, DeadlineExceeded) as error:
        raise EnvironmentFault(f"no container engine at {where}: {_fix(error)}") from None
    finally:
        client.close()


def _environment(where: str) -> dict[str, str]:
    return {**os.environ, "DOCKER_HOST": where}


def _reach(where: str) -> None:
    """An OSError where nobody listens at a socket; docker's client would leave its end open."""
    kind, _, path = where.partition("://")
    if kind == "unix":
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)


def _shown(version: tuple[int, int]) -> str:
    return ".".join(str(part) for part in version)


def _fix(error: Exception) -> str:
    text = str(error)
    if "Permission denied" in text:
        return "permission denied; add your user to the group 'docker', or use sudo"
    if "No such file" in text or "Connection refused" in text:
        return "it is not running; start Docker, or set DOCKER_HOST to where it listens"
    return f"{_reason(error)}; is DOCKER_HOST right, and Docker running?"


def _reason(error: Exception) -> str:
    """What went wrong, in one line."""
    told = getattr(error, "explanation", None) or str(error)
    lines = str(told).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


def gateway_of(network: Mapping[str, Any]) -> str | None:
    """The address of this machine in a network of the engine's; None where it has none.

    An engine 20.10 that has just made its bridge names the subnet alone, and takes its first
    address.
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
    """A name without tag or digest means ``latest``, not every tag there is."""
    name, at, digest = reference.partition("@")
    if at:
        return name, digest
    last = reference.rsplit("/", 1)[-1]
    return (reference, None) if ":" in last else (reference, "latest")
