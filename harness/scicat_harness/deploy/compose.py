"""A thin driver over ``docker compose``: one project, its files, and the output of commands."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from scicat_harness.command import Done, run_command
from scicat_harness.errors import EnvironmentFault
from scicat_harness.processes.running import last_lines

__all__ = ["Compose", "ComposeFailed", "check_compose"]

_OLDEST = (2, 30)
"""Older versions ignore ``post_start`` without a message, so that databases are not seeded."""
# Nothing else is inherited: Compose interpolates its files with every variable it sees.
_KEPT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
_LAST_LINES = 15
_ASK_DEADLINE = 30.0


class ComposeFailed(EnvironmentFault):
    """A ``docker compose`` command exited with another code than 0."""


def check_compose() -> str:
    """Return the version of ``docker compose``, such as ``2.30.1``.

    Raises EnvironmentFault where it is missing, broken, or older than 2.30.
    """
    docker = shutil.which("docker")
    if docker is None:
        raise EnvironmentFault(
            "'docker' is not on the PATH; install Docker with its compose plugin"
        )
    # Without the plugin, docker takes "compose" for an unknown command and exits nonzero.
    found = _run([docker, "compose", "version", "--short"], _environment({}), _ASK_DEADLINE)
    numbers = re.match(r"v?(\d+)\.(\d+)", found.output.strip())
    if found.code != 0 or numbers is None:
        raise EnvironmentFault(
            "'docker compose' does not work; install the compose plugin, version "
            f"{_shown(_OLDEST)} or newer (its output: {_last_line(found.output)})"
        )
    version = (int(numbers[1]), int(numbers[2]))
    if version < _OLDEST:
        raise EnvironmentFault(
            f"docker compose {found.output.strip()} is too old: it leaves databases unseeded; "
            f"install {_shown(_OLDEST)} or newer"
        )
    return found.output.strip()


class Compose:
    """One Compose project; its files are interpolated with ``variables``.

    Relative paths in all files are relative to the folder of the first one, as Compose does it.
    Every method raises EnvironmentFault when the command fails or exceeds its deadline.
    """

    def __init__(self, project: str, files: Sequence[Path], variables: Mapping[str, str]) -> None:
        self.project = project
        self._files = list(files)
        self._variables = dict(variables)

    def up(self, *services: str, seconds: int) -> None:
        """Start services and wait until they are healthy, ``seconds`` at most.

        Raises ComposeFailed with the last lines of their logs when one of them is not.
        """
        try:
            self._do("up", "-d", "--wait", "--wait-timeout", str(seconds), *services, limit=seconds)
        except ComposeFailed as error:
            raise ComposeFailed(f"{error}{self._logged(services)}") from None

    def container(self, service: str) -> str | None:
        """Return the id of a service's container, running or not; None where there is none."""
        found = self._do("ps", "-a", "-q", service).split()
        return found[0] if found else None

    def port(self, service: str, inside: int) -> int:
        """Return the loopback port that leads to port ``inside`` of a service.

        It is published as a random port, which changes when the container is started again.
        """
        found = self._do("port", service, str(inside)).strip()
        _, _, port = found.rpartition(":")
        if not port.isdigit():
            raise EnvironmentFault(f"port {inside} of {service} is not published ({found!r})")
        return int(port)

    def run(self, service: str, *command: str) -> str:
        """Run a command in the container of a service and return its output."""
        return self._do("exec", "-T", service, *command)

    def down(self) -> None:
        """Remove the containers, networks and volumes of the project."""
        self._do("down", "-v", "--remove-orphans", "--timeout", "5", limit=120)

    def _logged(self, services: Sequence[str]) -> str:
        """Return the last lines of logs, to be appended to a message; empty if there are none."""
        try:
            output = self._do(
                "logs", "--no-color", "--no-log-prefix", "--tail", str(_LAST_LINES), *services
            )
        except EnvironmentFault:
            # The caller raises the error of the start, which is the one to report.
            return ""
        return f"; its last lines were:\n{last_lines(output, _LAST_LINES)}"

    def _do(self, *arguments: str, limit: float = _ASK_DEADLINE) -> str:
        command = ["docker", "compose", "-p", self.project]
        for file in self._files:
            command += ["-f", str(file)]
        environment = _environment({**self._variables, "PWD": str(self._files[0].parent)})
        # Compose ends by itself after --wait-timeout, and then has a better message than ours.
        done = _run([*command, *arguments], environment, limit + _ASK_DEADLINE)
        if done.code != 0:
            raise ComposeFailed(f"docker compose {arguments[0]} failed: {_last_line(done.output)}")
        return done.output


def _run(command: Sequence[str], environment: Mapping[str, str], limit: float) -> Done:
    return run_command(command, seconds=limit, env=environment, merged=True)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # Plain output: its last line is the reason of a failure, see _last_line.
    return {**kept, "COMPOSE_ANSI": "never", "COMPOSE_PROGRESS": "plain", **variables}


def _last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1].strip() if lines else "(no output)"


def _shown(version: tuple[int, int]) -> str:
    return ".".join(str(part) for part in version)
