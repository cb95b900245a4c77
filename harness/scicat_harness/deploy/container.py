"""One container of a run: started, its output followed into a file, its end noticed, removed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import requests
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container
from docker.types import EndpointConfig, Mount
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from scicat_harness.deploy.engine import answering
from scicat_harness.errors import EnvironmentFault
from scicat_harness.processes.running import ERRORS, died, last_lines

__all__ = ["LOOPBACK_ADDRESS", "Order", "RunningContainer", "errors_beside"]

LOOPBACK_ADDRESS = "127.0.0.1"
_GRACE = 3
"""Seconds between SIGTERM and SIGKILL of a stop."""
_GONE = 20.0
_NOTICED = 5.0
_ENDPOINT_API = "1.41"
"""The API version for the description of an endpoint, which later versions did not change."""

# The reaper (ryuk) would end containers of other workers, and needs an image of its own.
testcontainers_config.ryuk_disabled = True


@dataclass(frozen=True, slots=True)
class Order:
    """A container to start, in a network under an alias, with ``ports`` published on loopback.

    ``environment`` and ``files`` may hold passwords, and are left out of the representation.
    """

    name: str
    image: str
    network: str
    labels: Mapping[str, str]
    alias: str = ""
    ports: Sequence[int] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, Path | bytes] = field(default_factory=dict, repr=False)
    """Contents to copy into it before it starts, by their absolute paths there."""
    volumes: Mapping[str, str] = field(default_factory=dict)
    """Mount points by the names of volumes."""
    entrypoint: Sequence[str] = ()
    """The command to run instead of the image's."""

    def container(self) -> DockerContainer:
        """Return this order as a container of testcontainers, not started yet."""
        endpoint = EndpointConfig(_ENDPOINT_API, aliases=[self.alias] if self.alias else None)
        made = DockerContainer(
            self.image,
            name=self.name,
            env=dict(self.environment),
            # Readable by all: the image may run as any user.
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
            # Bound to loopback, which testcontainers has no method for: None is any free port.
            ports: dict[str, Any] = made.ports
            ports[f"{port}/tcp"] = (LOOPBACK_ADDRESS, None)
        return made


class RunningContainer:
    """A started container whose standard output is followed into the file ``log``.

    Standard error goes to a file beside it (``errors_beside``): the engine keeps the order within
    each of the two streams, not between them.
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
        """Start a container and return it.

        ``what`` is what messages call it. Raises EnvironmentFault with the reason of the engine
        when it cannot be started; nothing of it is left then.
        """
        made = order.container()
        try:
            made.start()
        except (DockerException, requests.RequestException, OSError) as error:
            _discard(made)
            reason = getattr(error, "explanation", None) or str(error)
            raise EnvironmentFault(f"{what}: {order.image} cannot be started: {reason}") from None
        except BaseException:
            # Ctrl-C during a pull or a start must leave no container either.
            _discard(made)
            raise
        return cls(what, made.get_wrapped_container(), log)

    def port(self, inside: int) -> int:
        """Return the loopback port that leads to its port ``inside``.

        The port changes when the container is started again. Raises EnvironmentFault when the
        container has ended, with its last lines, or does not publish that port.
        """
        with answering(self.name):
            self.container.reload()
        published = self.container.ports.get(f"{inside}/tcp")
        if published:
            return int(published[0]["HostPort"])
        # A container that has ended publishes no ports; our thread notices its end a moment later.
        if self.ended.wait(_NOTICED):
            raise self.died()
        raise EnvironmentFault(f"{self.name}: its port {inside} is not published")

    def run(self, *command: str) -> str:
        """Run a command in it and return its output; raises EnvironmentFault when it fails."""
        with answering(self.name):
            ended = self.container.exec_run(list(command), demux=True)
        output, errors = cast(tuple[bytes | None, bytes | None], ended.output)
        code = ended.exit_code
        if code:
            said = (errors or output or b"").decode("utf-8", "replace").strip()
            raise EnvironmentFault(f"{self.name}: {' '.join(command[:1])} failed: {said[-200:]}")
        return (output or b"").decode("utf-8", "replace")

    def last_lines(self) -> str:
        """Return the end of its output, for an error message."""
        return last_lines(self.output())

    def output(self) -> str:
        """Return everything it printed, standard error last."""
        found = ""
        for path in (self.log, errors_beside(self.log)):
            with contextlib.suppress(OSError):
                found += path.read_text(encoding="utf-8", errors="replace")
        return found

    def died(self) -> EnvironmentFault:
        """Return an error with the exit code and the last lines."""
        return died(self)

    def stop(self) -> None:
        """End and remove it; safe to call twice, from several threads."""
        with self._lock, contextlib.suppress(NotFound):
            with contextlib.suppress(APIError, requests.RequestException):
                self.container.stop(timeout=_GRACE)
                # Its last output must be read before the container is removed.
                self.ended.wait(_GONE)
            # The leftovers of the run name it: what fails now is removed by the next start.
            with contextlib.suppress(APIError, requests.RequestException):
                self.container.remove(force=True, v=True)
        self._watch.join(_GONE)
        if self.container.client is not None:
            self.container.client.close()

    def _follow(self, stream: str, path: Path) -> None:
        # The stream breaks when the engine goes away; _wait then sets ``ended``.
        broken = contextlib.suppress(DockerException, requests.RequestException)
        with path.open("ab", buffering=0) as log, broken:
            for chunk in self.container.logs(
                stdout=stream == "stdout", stderr=stream == "stderr", stream=True, follow=True
            ):
                log.write(chunk)

    def _wait(self) -> None:
        # ``ended`` promises that all output is written, see Running.ended.
        for each in self._followers:
            each.join()
        # An error means that the container or the engine is gone: it has ended for us.
        with contextlib.suppress(DockerException, requests.RequestException):
            self.exit_code = int(self.container.wait()["StatusCode"])
        self.ended.set()


def errors_beside(log: Path) -> Path:
    """Return the path of the standard error that belongs to a log of standard output."""
    return log.with_suffix(ERRORS)


def _discard(made: DockerContainer) -> None:
    """Remove a container that was created and did not start; nothing else would remove it."""
    with contextlib.suppress(DockerException, requests.RequestException):
        made.stop()
