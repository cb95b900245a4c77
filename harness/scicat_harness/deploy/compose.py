"""A thin driver over ``docker compose``: one project, the files it is made of, and what it said."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from scicat_harness.command import Done, run_command
from scicat_harness.deploy.running import last_lines
from scicat_harness.errors import EnvironmentFault

__all__ = ["Compose", "ComposeFailed", "check_compose"]

_OLDEST = (2, 30)
"""Older ones leave out ``post_start`` without a word, so that databases are not seeded."""
_KEPT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
_LAST_LINES = 15
_ASK_DEADLINE = 30.0


class ComposeFailed(EnvironmentFault):
    """A command of it failed."""


def check_compose() -> str:
    """The version of ``docker compose``; EnvironmentFault where there is none that can be used."""
    docker = shutil.which("docker")
    if docker is None:
        raise EnvironmentFault(
            "'docker' is not on the PATH; install Docker with its compose plugin"
        )
    found = _run([docker, "compose", "version", "--short"], _environment({}), _ASK_DEADLINE)
    numbers = re.match(r"v?(\d+)\.(\d+)", found.output.strip())
    if found.code != 0 or numbers is None:
        raise EnvironmentFault(
            "'docker compose' does not work; install the compose plugin, version "
            f"{_shown(_OLDEST)} or newer (it said: {_last_line(found.output)})"
        )
    version = (int(numbers[1]), int(numbers[2]))
    if version < _OLDEST:
        raise EnvironmentFault(
            f"docker compose {found.output.strip()} is too old: it leaves databases unseeded; "
            f"install {_shown(_OLDEST)} or newer"
        )
    return found.output.strip()


class Compose:
    """One project; ``variables`` are what its files are interpolated with.

    Relative paths in files are relative to the folder of the first one.
    """

    def __init__(self, project: str, files: Sequence[Path], variables: Mapping[str, str]) -> None:
        self.project = project
        self._files = list(files)
        self._variables = dict(variables)

    def up(self, *services: str, seconds: int) -> None:
        """Start services and wait until they are healthy; what is not is said by its log."""
        try:
            self._do("up", "-d", "--wait", "--wait-timeout", str(seconds), *services, limit=seconds)
        except ComposeFailed as error:
            raise ComposeFailed(f"{error}{self._said(services)}") from None

    def container(self, service: str) -> str | None:
        """The id of a service's container, running or not."""
        found = self._do("ps", "-a", "-q", service).split()
        return found[0] if found else None

    def port(self, service: str, inside: int) -> int:
        """The port on loopback that leads to one of a service's; it changes with a restart."""
        found = self._do("port", service, str(inside)).strip()
        _, _, port = found.rpartition(":")
        if not port.isdigit():
            raise EnvironmentFault(f"port {inside} of {service} is not published ({found!r})")
        return int(port)

    def down(self) -> None:
        """Remove containers, networks and volumes of the project."""
        self._do("down", "-v", "--remove-orphans", "--timeout", "5", limit=120)

    def _said(self, services: Sequence[str]) -> str:
        try:
            output = self._do(
                "logs", "--no-color", "--no-log-prefix", "--tail", str(_LAST_LINES), *services
            )
        except EnvironmentFault:
            return ""
        return f"; its last lines were:\n{last_lines(output, _LAST_LINES)}"

    def _do(self, *arguments: str, limit: float = _ASK_DEADLINE) -> str:
        command = ["docker", "compose", "-p", self.project]
        for file in self._files:
            command += ["-f", str(file)]
        environment = _environment({**self._variables, "PWD": str(self._files[0].parent)})
        done = _run([*command, *arguments], environment, limit + _ASK_DEADLINE)
        if done.code != 0:
            raise ComposeFailed(f"docker compose {arguments[0]} failed: {_last_line(done.output)}")
        return done.output


def _run(command: Sequence[str], environment: Mapping[str, str], limit: float) -> Done:
    return run_command(command, seconds=limit, env=environment, merged=True)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "COMPOSE_ANSI": "never", "COMPOSE_PROGRESS": "plain", **variables}


def _last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1].strip() if lines else "nothing was said"


def _shown(version: tuple[int, int]) -> str:
    return ".".join(str(part) for part in version)
