"""Launches: the backends that a deployment started, by address, each in a folder of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from scicat_harness.config.startup import (
    JOB_CONFIG,
    NOWHERE,
    Secrets,
    ServiceAddresses,
    Startup,
    basic_environment,
    write_startup,
)
from scicat_harness.deploy.deployment import Attempt, Backend, StartFiles
from scicat_harness.deploy.readiness import wait_healthy
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.model.site import Site
from scicat_harness.processes.running import Running

__all__ = ["Launched", "Launches", "Launching", "write_attempt"]


@dataclass(frozen=True, slots=True)
class Launched:
    """A started backend, the base URL at which it will answer, and the URI of its database.

    ``database`` is "" where this machine cannot reach it. ``environment`` has all variables that it
    was started with, in their order, and is empty where an image adds some.
    """

    child: Running
    base_url: str
    database: str = field(default="", repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


Launch = Callable[[Path, Mapping[str, str], str], Launched]
"""Starts a backend with the files of a folder, an environment, and the data of that name."""


def write_attempt(start: StartFiles, folder: Path, seen: PurePath | None = None) -> dict[str, str]:
    """Write the files of a start into a new folder, and return the environment that names them.

    ``seen`` is the path under which the backend sees that folder, where it is another one.
    """
    folder.mkdir(parents=True)
    if start.job_config is not None:
        (folder / JOB_CONFIG).write_text(start.job_config, encoding="utf-8")
    for name, content in start.files.items():
        (folder / name).write_text(content, encoding="utf-8")
    # An empty variable and a missing one are different; None means missing.
    given = {**basic_environment(seen or folder.resolve()), **start.environment}
    return {name: value for name, value in given.items() if value is not None}


class Launches:
    """Starts backends by ``launch``, and keeps them by address.

    ``deadline`` is the time in seconds for a backend to become healthy. ``seen`` is the path under
    which a backend sees the files of its folder, such as one inside a container.
    """

    def __init__(
        self,
        folder: Path,
        launch: Launch,
        deadline: float,
        release: Release = CURRENT,
        seen: PurePath | None = None,
    ) -> None:
        self._folder = folder
        self._seen = seen
        self._release = release
        self._launch = launch
        self._deadline = deadline
        self._lock = threading.Lock()
        self._names: dict[str, int] = {}
        self._running: dict[str, Running] = {}
        self._secrets: dict[str, Secrets] = {}

    def start(self, site: Site, around: ServiceAddresses) -> Backend:
        """Start a backend for a site, and return it once it is healthy.

        Sites with the same ``data`` share a database and its passwords. Raises EnvironmentFault
        when the backend ends or does not become healthy in time.
        """
        folder = self._new_folder(site.name)
        data = site.data or folder.name
        # Asked first: _secrets_of adds it.
        known = data in self._secrets
        secrets = self._secrets_of(data, site)
        startup = write_startup(site, secrets, folder, around, self._release, seen=self._seen)
        if startup.first_accounts is not None and not known:
            # Before v4.27.0 an account has one role; a user in several groups needs two starts
            # over the same data (docs/deployments.md).
            self._start_once(folder, startup, data)
        launched = self._launch(folder, startup.environment, data)
        # Before it is healthy: a backend that ends early must be found by has_ended.
        self._running[launched.base_url] = launched.child
        wait_healthy(launched.base_url, deadline=self._deadline, child=launched.child)
        return Backend(
            launched.base_url,
            secrets,
            owned=True,
            log=launched.child.log,
            database=launched.database,
            environment=launched.environment,
        )

    def end(self, backend: Backend) -> None:
        """End a backend; one that has ended by itself is no error."""
        child = self._running.pop(backend.base_url, None)
        if child is not None:
            child.stop()

    def has_ended(self, backend: Backend, deadline: float) -> bool:
        """Return whether a backend ended by itself within ``deadline`` seconds."""
        child = self._running.get(backend.base_url)
        return child is None or child.ended.wait(deadline)

    def attempt(self, start: StartFiles) -> Attempt:
        """Try to start a backend with these files, and end it; return how the start ended.

        The files are written to a new folder; each attempt has an empty database of its own.
        """
        folder = self._new_folder("attempt")
        environment = write_attempt(start, folder, self._seen)
        launched = self._launch(folder, environment, folder.name)
        healthy = True
        try:
            wait_healthy(launched.base_url, deadline=self._deadline, child=launched.child)
        except EnvironmentFault:
            healthy = False
        # Before it is stopped: None says that it was still running.
        code = launched.child.exit_code
        launched.child.stop()
        return Attempt(healthy, code, launched.child.output())

    def _secrets_of(self, data: str, site: Site) -> Secrets:
        """Return the secrets of a site; accounts that are in its data keep their passwords."""
        fresh = Secrets.fresh(site)
        with self._lock:
            kept = self._secrets.get(data)
            if kept is not None:
                fresh = Secrets({**fresh.passwords, **kept.passwords}, kept.jwt)
            self._secrets[data] = fresh
        return fresh

    def _start_once(self, folder: Path, startup: Startup, data: str) -> None:
        """Start a backend once with its first accounts, which stay in the data, and end it."""
        assert startup.first_accounts is not None
        there = self._seen or folder.resolve()
        first = {"FUNCTIONAL_ACCOUNTS_FILE": str(there / startup.first_accounts.name)}
        launched = self._launch(folder, {**startup.environment, **first}, data)
        wait_healthy(launched.base_url, deadline=self._deadline, child=launched.child)
        launched.child.stop()

    def _new_folder(self, name: str) -> Path:
        with self._lock:
            number = self._names[name] = self._names.get(name, 0) + 1
        return self._folder / (name if number == 1 else f"{name}-{number}")


class Launching:
    """The methods of ``Reconfigurable`` for a deployment whose backends are all launches."""

    _launches: Launches

    def start(self, site: Site, around: ServiceAddresses = NOWHERE) -> Backend:
        """Start a backend for a site; its data stays until the deployment is closed."""
        return self._launches.start(site, around)

    def end(self, backend: Backend) -> None:
        """End a backend."""
        self._launches.end(backend)

    def has_ended(self, backend: Backend, deadline: float) -> bool:
        """Return whether a backend ended by itself within ``deadline`` seconds."""
        return self._launches.has_ended(backend, deadline)

    def attempt(self, start: StartFiles) -> Attempt:
        """Try to start a backend with these files, and end it."""
        return self._launches.attempt(start)
