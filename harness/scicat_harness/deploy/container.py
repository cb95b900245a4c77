"""A container as a run sees it: its output followed into a file, its end noticed, removed by us."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container
from docker.types import EndpointConfig, Mount
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from scicat_harness.deploy.running import ERRORS, died, last_lines
from scicat_harness.errors import EnvironmentFault

__all__ = ["LOOPBACK_ADDRESS", "Order", "RunningContainer", "errors_beside"]

LOOPBACK_ADDRESS = "127.0.0.1"
_GRACE = 3
_GONE = 20.0
_NOTICED = 5.0
_ENDPOINT_API = "1.41"
"""Of the description of an endpoint, which has been the same ever since."""

# Its reaper would end containers of other workers, and needs an image that may not be had.
testcontainers_config.ryuk_disabled = True


@dataclass(frozen=True, slots=True)
class Order:
    """A container to start: in a network under an alias, with these ports on our loopback."""

    name: str
    image: str
    network: str
    labels: Mapping[str, str]
    alias: str = ""
    ports: Sequence[int] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, Path | bytes] = field(default_factory=dict, repr=False)
    """What is copied into it before it starts, by its path there."""
    volumes: Mapping[str, str] = field(default_factory=dict)
    """Where it sees a volume, by the volume's name."""
    entrypoint: Sequence[str] = ()
    """What is run in place of what the image runs."""

    def container(self) -> DockerContainer:
        """The same for testcontainers."""
        endpoint = EndpointConfig(_ENDPOINT_API, aliases=[self.alias] if self.alias else None)
        made = DockerContainer(
            self.image,
            name=self.name,
            env=dict(self.environment),
            transferables=[(content, path, 0o644) for path, content in self.files.items()],
        )
        made.with_kwargs(
            # Node as the first process ignores SIGTERM; with an init a stop takes no grace period.
            init=True,
            labels=dict(self.labels),
            network=self.network,
            mounts=[Mount(path, name, type="volume") for name, path in self.volumes.items()],
            networking_config={self.network: endpoint},
            **({"entrypoint": list(self.entrypoint)} if self.entrypoint else {}),
        )
        for port in self.ports:
            # Nobody but this machine shall reach it; testcontainers knows ports alone.
            ports: dict[str, Any] = made.ports
            ports[f"{port}/tcp"] = (LOOPBACK_ADDRESS, None)
        return made


class RunningContainer:
    """A started container; its output is followed into ``log``, its errors into a file beside it.

    The engine keeps the order within each of the two, not between them.
    """

    def __init__(self, name: str, container: Container, log: Path) -> None:
        self.name = name
        self.container = container
        self.log = log
        self.ended = threading.Event()
        self.exit_code: int | None = None
        self._lock = threading.Lock()
        self._followers = [
            threading.Thread(target=self._follow, args=each, name=f"follow-{name}", daemon=True)
            for each in (("stdout", log), ("stderr", errors_beside(log)))
        ]
        self._watch = threading.Thread(target=self._wait, name=f"watch-{name}", daemon=True)
        for thread in (*self._followers, self._watch):
            thread.start()

    @classmethod
    def start(cls, what: str, order: Order, log: Path) -> RunningContainer:
        """Start it; what the engine refuses is an EnvironmentFault."""
        made = order.container()
        try:
            made.start()
        except (DockerException, requests.RequestException, OSError) as error:
            _discard(made)
            told = getattr(error, "explanation", None) or str(error)
            raise EnvironmentFault(f"{what}: {order.image} cannot be started: {told}") from None
        except BaseException:
            _discard(made)
            raise
        return cls(what, made.get_wrapped_container(), log)

    def port(self, inside: int) -> int:
        """The port on our loopback that leads to one of its own; it changes with a restart."""
        self.container.reload()
        published = self.container.ports.get(f"{inside}/tcp")
        if published:
            return int(published[0]["HostPort"])
        # One that has ended has no ports any more; its end is noticed a moment later.
        if self.ended.wait(_NOTICED):
            raise self.died()
        raise EnvironmentFault(f"{self.name}: its port {inside} is not published")

    def last_lines(self) -> str:
        """The end of its output, for an error message."""
        return last_lines(self.output())

    def output(self) -> str:
        """Everything it printed, errors last."""
        found = ""
        for path in (self.log, errors_beside(self.log)):
            with contextlib.suppress(OSError):
                found += path.read_text(encoding="utf-8", errors="replace")
        return found

    def died(self) -> EnvironmentFault:
        """The error that says how it ended."""
        return died(self)

    def stop(self) -> None:
        """End and remove it; safe to call twice, from several threads."""
        with self._lock, contextlib.suppress(NotFound):
            with contextlib.suppress(APIError, requests.RequestException):
                self.container.stop(timeout=_GRACE)
                # What it printed last comes before it is gone.
                self.ended.wait(_GONE)
            with contextlib.suppress(APIError):
                self.container.remove(force=True, v=True)
        self._watch.join(_GONE)
        if self.container.client is not None:
            self.container.client.close()

    def _follow(self, stream: str, path: Path) -> None:
        broken = contextlib.suppress(DockerException, requests.RequestException)
        with path.open("ab", buffering=0) as log, broken:
            for chunk in self.container.logs(
                stdout=stream == "stdout", stderr=stream == "stderr", stream=True, follow=True
            ):
                log.write(chunk)

    def _wait(self) -> None:
        for each in self._followers:
            each.join()
        # Gone, or the engine is: it has ended for us.
        with contextlib.suppress(DockerException, requests.RequestException):
            self.exit_code = int(self.container.wait()["StatusCode"])
        self.ended.set()


def errors_beside(log: Path) -> Path:
    """Where the errors of what logs to a file go."""
    return log.with_suffix(ERRORS)


def _discard(made: DockerContainer) -> None:
    """What was created and did not start stays otherwise."""
    with contextlib.suppress(DockerException, requests.RequestException):
        made.stop()
