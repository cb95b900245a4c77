"""The scicatlive deployment: an unmodified checkout, started by Compose with an overlay file.

The first backend of a run is scicatlive's own service. Further ones, which some checks need, are
started beside it from the same image, with the same environment, in the same network.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.broker import Broker
from scicat_harness.broker.rabbitmqctl import TRACE, node_topology
from scicat_harness.config.startup import NOWHERE, Secrets, ServiceAddresses, write_startup
from scicat_harness.deploy.compose import Compose, check_compose
from scicat_harness.deploy.container import LOOPBACK_ADDRESS, RunningContainer
from scicat_harness.deploy.containers import ContainerPlace, ContainersDeployment, Images
from scicat_harness.deploy.deployment import Attempt, Backend, StartFiles
from scicat_harness.deploy.engine import CONTAINERS, ContainerEngine, Owner
from scicat_harness.deploy.mongo import count_documents, reached
from scicat_harness.deploy.overlay import FOLDER, BackendFiles, overlay
from scicat_harness.deploy.readiness import wait_healthy
from scicat_harness.dotenv import variables
from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.model.site import Site
from scicat_harness.model.topology import Topology
from scicat_harness.state.leftovers import Leftovers

__all__ = ["ScicatliveDeployment", "misleading_setting"]

_SECONDS = 300
"""The time for services to become healthy, in seconds; it includes pulling images."""
_HEALTHY = 30.0
_DATABASE = "dacat-next"
_SEEDS = Path("services/backend/services/mongodb/config/seed")
_JOBS = "JOBS_ENABLED"
_NO = frozenset({"false", "no", "off", "0"})
_VARIABLES = {_JOBS: "true", "BE_VERSION": "v4"}
_GUEST = "guest"


class ScicatliveDeployment:
    """Starts scicatlive from a checkout; ``image`` replaces the image of its backend.

    Raises UsageFault where ``checkout`` is not one of scicatlive, EnvironmentFault without an
    engine or with ``docker compose`` before 2.30.
    """

    name = "scicatlive"

    def __init__(
        self,
        folder: Path,
        checkout: Path,
        owner: Owner,
        image: str | None = None,
        release: Release = CURRENT,
    ) -> None:
        self._folder = folder
        self._checkout = _checked(checkout)
        self._owner = owner
        self._wanted = image
        self._release = release
        check_compose()
        self._engine = ContainerEngine()
        Leftovers(folder).note(CONTAINERS, run=owner.run, engine=self._engine.where)
        self.host = self._engine.host()
        self._overlay = folder / "overlay.yaml"
        self._compose = Compose(
            owner.prefix, [self._checkout / "compose.yaml", self._overlay], _VARIABLES
        )
        self._lock = threading.Lock()
        self._is_up = False
        self._main: RunningContainer | None = None
        self._main_url = ""
        self._ours: set[str] = set()
        self._beside: ContainersDeployment | None = None
        self._closed = False
        self._ending = False

    def start_broker(self) -> Broker:
        """Start its RabbitMQ, and MongoDB beside it; return the broker.

        Raises EnvironmentFault when they do not become healthy, or the database has no seeds.
        """
        with self._lock:
            self._refuse_when_ending()
            # The backend is not started here: its configuration needs the address of the broker.
            self._write_overlay(BackendFiles())
            # Before the start: one that fails half-way must be taken down, too.
            self._is_up = True
            self._compose.up("mongodb", "rabbitmq", seconds=_SECONDS)
            self._check_seeds()
            rabbit = _Rabbit(self._compose.port("rabbitmq", 5672), self._compose)
            rabbit.trace()
            return rabbit

    def start(self, site: Site, around: ServiceAddresses = NOWHERE) -> Backend:
        """Start a backend for a site, and return it once it is healthy.

        The first one is scicatlive's own service. Raises EnvironmentFault when the backend ends or
        does not become healthy in time.
        """
        with self._lock:
            self._refuse_when_ending()
            if self._main is None:
                return self._start_main(site, around)
        return self._others().start(site, around)

    def end(self, backend: Backend) -> None:
        """End a backend."""
        if self._main is not None and backend.base_url == self._main_url:
            self._main.stop()
        else:
            self._others().end(backend)

    def has_ended(self, backend: Backend, deadline: float) -> bool:
        """Return whether a backend ended by itself within ``deadline`` seconds."""
        if self._main is not None and backend.base_url == self._main_url:
            return self._main.ended.wait(deadline)
        return self._others().has_ended(backend, deadline)

    def attempt(self, start: StartFiles) -> Attempt:
        """Try to start a backend beside scicatlive's, and end it."""
        return self._others().attempt(start)

    def about(self) -> Mapping[str, str]:
        """Return the image of its backend, with its digest."""
        return self._engine.image(self._image(), "--backend-image").about()

    def to_json(self) -> dict[str, Any]:
        """Return the place and the image, for another process to start backends there."""
        return {**self._others().to_json(), "image": self._image()}

    def close(self) -> None:
        """Remove the project, with its volumes; safe to call twice."""
        # Before the lock: threads that wait for it must not start what nobody would end.
        self._ending = True
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._beside is not None:
                self._beside.close()
            if self._is_up:
                # What it leaves, for example of an interrupted start, is removed by labels below.
                with suppress(EnvironmentFault):
                    self._compose.down()
            # The leftovers of the run name it: what fails now is removed by the next start.
            with suppress(EnvironmentFault):
                self._engine.remove(self._owner.run)
            self._engine.close()

    def _refuse_when_ending(self) -> None:
        if self._ending:
            raise EnvironmentFault("the run is being ended, so nothing is started any more")

    def _start_main(self, site: Site, around: ServiceAddresses) -> Backend:
        folder = self._folder / site.name
        secret = Secrets.fresh(site)
        startup = write_startup(site, secret, folder, around, self._release, seen=FOLDER)
        files = {
            each.name: each.resolve()
            for each in folder.iterdir()
            if each.is_file() and each.suffix != ".log"
        }
        # The files are bind mounts, which the backend reads as another user.
        for path in files.values():
            path.chmod(0o644)
        # Without colours: the log is read as a channel of effects.
        environment = {**startup.environment, "NO_COLOR": "1"}
        self._ours = {*environment, *around.broker}
        self._write_overlay(BackendFiles(environment, files))
        self._is_up = True
        self._compose.up("backend", seconds=_SECONDS)
        self._check_seeds()
        container = self._compose.container("backend")
        if container is None:
            raise EnvironmentFault("docker compose started no container for the service 'backend'")
        log = folder / "backend.log"
        running = RunningContainer(
            "the backend of scicatlive", self._engine.container(container), log
        )
        self._main_url = f"http://{LOOPBACK_ADDRESS}:{self._compose.port('backend', 3000)}"
        self._main = running
        wait_healthy(self._main_url, deadline=_HEALTHY, child=running)
        database = reached(self._database_server(), _DATABASE)
        return Backend(self._main_url, secret, owned=True, log=log, database=database)

    def _others(self) -> ContainersDeployment:
        """Return the deployment of further backends, made with the first of them."""
        with self._lock:
            self._refuse_when_ending()
            if self._beside is None:
                assert self._main is not None
                place = ContainerPlace(
                    self._network(),
                    "mongodb://mongodb:27017",
                    self._environment(),
                    reached=self._database_server(),
                )
                self._beside = ContainersDeployment(
                    self._folder,
                    # MongoDB and RabbitMQ are scicatlive's: the place names them.
                    Images(self._image(), None, ""),
                    self._owner,
                    self._release,
                    place,
                )
            return self._beside

    def _image(self) -> str:
        assert self._main is not None
        return str(self._main.container.attrs["Config"]["Image"])

    def _network(self) -> str:
        assert self._main is not None
        return str(next(iter(self._main.container.attrs["NetworkSettings"]["Networks"])))

    def _environment(self) -> Mapping[str, str]:
        """Return the variables that scicatlive gives to its backend.

        Those of the image and those that a run sets itself are left out: a backend that must start
        without a variable must not inherit scicatlive's.
        """
        assert self._main is not None
        image = self._main.container.image
        own = set((image.attrs["Config"].get("Env") or []) if image is not None else [])
        pairs = [each for each in self._main.container.attrs["Config"]["Env"] if each not in own]
        found = dict(each.split("=", 1) for each in pairs)
        return {name: value for name, value in found.items() if name not in self._ours}

    def _write_overlay(self, backend: BackendFiles) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        # The environment of the backend has passwords.
        self._overlay.touch(mode=0o600)
        text = overlay(self._owner.labels, backend, self._wanted)
        self._overlay.write_text(text, encoding="utf-8")

    def _database_server(self) -> str:
        """Return the address of MongoDB for this machine, without a database."""
        return f"mongodb://{LOOPBACK_ADDRESS}:{self._compose.port('mongodb', 27017)}"

    def _check_seeds(self) -> None:
        """Raise EnvironmentFault when MongoDB lacks the seeds of scicatlive.

        Compose before 2.30 ignores the hook that seeds, without a message.
        """
        uri = reached(self._database_server(), _DATABASE)
        for name in ("Dataset", "Job"):
            seeds = json.loads((self._checkout / _SEEDS / f"{name}.json").read_text("utf-8"))
            found = count_documents(uri, _DATABASE, name)
            if found < len(seeds):
                raise EnvironmentFault(
                    f"scicatlive's database was not seeded: {found} of {len(seeds)} documents in "
                    f"{_DATABASE}.{name}; see 'docker compose logs mongodb', and use a docker "
                    "compose that runs post_start hooks (2.30 or newer)"
                )


def misleading_setting(checkout: Path, environment: Mapping[str, str]) -> str | None:
    """Return a warning about ``JOBS_ENABLED=false`` and the like; None where it is not set so.

    scicatlive turns jobs on for every value that is not empty. The environment takes precedence
    over the file ``.env`` of the checkout, as in Compose.
    """
    value = environment.get(_JOBS)
    where = "the environment"
    if value is None:
        where = str(checkout / ".env")
        value = _in_file(checkout / ".env")
    if value is None or value.strip().lower() not in _NO:
        return None
    return (
        f"{where} says {_JOBS}={value}: scicatlive takes that for yes, because it is not empty; "
        "leave it empty to turn jobs off (this run needs them, and turns them on)"
    )


def _in_file(path: Path) -> str | None:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    values = [each.value for each in variables(text) if each.name == _JOBS]
    return values[-1] if values else None


class _Rabbit:
    """The RabbitMQ of scicatlive."""

    name = "deployment"

    def __init__(self, port: int, compose: Compose) -> None:
        self._run = partial(compose.run, "rabbitmq")
        self.address = BrokerAddress(LOOPBACK_ADDRESS, port, _GUEST, _GUEST)
        self.inside = BrokerAddress("rabbitmq", 5672, _GUEST, _GUEST)

    def trace(self) -> None:
        """Have each message traced, where its image has the tool for that."""
        with suppress(EnvironmentFault):
            self._run(*TRACE)

    def topology(self) -> Topology:
        """Return its exchanges and bindings."""
        return node_topology(partial(self._run, "rabbitmqctl", "--quiet"))

    def connections_json(self) -> None:
        """Return None: its connections can be neither seen nor closed."""

    def close(self) -> None:
        """Do nothing: it ends with the project."""


def _checked(checkout: Path) -> Path:
    found = checkout.resolve()
    for name in (Path("compose.yaml"), _SEEDS):
        if not (found / name).exists():
            raise UsageFault(
                f"--scicatlive-dir {checkout}: there is no {name} in it; give a checkout of "
                "https://github.com/SciCatProject/scicatlive"
            )
    return found
