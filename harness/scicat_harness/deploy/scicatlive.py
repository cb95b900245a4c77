"""The scicatlive deployment: an unmodified checkout brought up by Compose, our overlay over it.

The first backend of a run is scicatlive's own. Further ones, which some checks need, are started
beside it from the same image, with the same environment, in the same network.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.broker import Broker
from scicat_harness.config.startup import NOWHERE, Secrets, ServiceAddresses, write_startup
from scicat_harness.deploy.compose import Compose, check_compose
from scicat_harness.deploy.container import LOOPBACK_ADDRESS, RunningContainer
from scicat_harness.deploy.containers import ContainerPlace, ContainersDeployment, Images
from scicat_harness.deploy.deployment import Attempt, Backend, StartFiles
from scicat_harness.deploy.engine import CONTAINERS, ContainerEngine, Owner
from scicat_harness.deploy.mongo import count_documents
from scicat_harness.deploy.overlay import FOLDER, BackendFiles, overlay
from scicat_harness.deploy.readiness import wait_healthy
from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.model.site import Site
from scicat_harness.state.leftovers import Leftovers

__all__ = ["ScicatliveDeployment", "misleading_setting"]

_SECONDS = 300
"""Pulling images included."""
_HEALTHY = 30.0
_DATABASE = "dacat-next"
_SEEDS = Path("services/backend/services/mongodb/config/seed")
_JOBS = "JOBS_ENABLED"
_NO = frozenset({"false", "no", "off", "0"})
_VARIABLES = {_JOBS: "true", "BE_VERSION": "v4"}
_GUEST = "guest"


class ScicatliveDeployment:
    """Drives the scicatlive in ``checkout``; ``image`` takes the place of its backend's image."""

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

    def start_broker(self) -> Broker:
        """Its RabbitMQ, with MongoDB beside it."""
        with self._lock:
            self._write_overlay(BackendFiles())
            self._is_up = True
            self._compose.up("mongodb", "rabbitmq", seconds=_SECONDS)
            self._check_seeds()
            return _Rabbit(self._compose.port("rabbitmq", 5672))

    def start(self, site: Site, around: ServiceAddresses = NOWHERE) -> Backend:
        """The first one is scicatlive's own; a healthy backend, or an EnvironmentFault."""
        with self._lock:
            if self._main is None:
                return self._start_main(site, around)
        return self._others().start(site, around)

    def end(self, backend: Backend) -> None:
        """End one backend."""
        if self._main is not None and backend.base_url == self._main_url:
            self._main.stop()
        else:
            self._others().end(backend)

    def has_ended(self, backend: Backend, deadline: float) -> bool:
        """Whether it ended by itself."""
        if self._main is not None and backend.base_url == self._main_url:
            return self._main.ended.wait(deadline)
        return self._others().has_ended(backend, deadline)

    def attempt(self, start: StartFiles) -> Attempt:
        """Try to start one beside scicatlive's."""
        return self._others().attempt(start)

    def about(self) -> Mapping[str, str]:
        """The image of its backend, with its digest."""
        return self._engine.image(self._image(), "--backend-image").about()

    def to_json(self) -> dict[str, Any]:
        """Where others can be started, and from which image."""
        return {**self._others().to_json(), "image": self._image()}

    def close(self) -> None:
        """Take the project down, with its volumes; safe to call twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._beside is not None:
                self._beside.close()
            if self._is_up:
                # Whatever it leaves, and a half-done start left, is removed by its labels.
                with suppress(EnvironmentFault):
                    self._compose.down()
            # What the engine does not do now stays among the leftovers of the run.
            with suppress(EnvironmentFault):
                self._engine.remove(self._owner.run)
            self._engine.close()

    def _start_main(self, site: Site, around: ServiceAddresses) -> Backend:
        folder = self._folder / site.name
        secret = Secrets.fresh(site)
        startup = write_startup(site, secret, folder, around, self._release, seen=FOLDER)
        files = {
            each.name: each.resolve()
            for each in folder.iterdir()
            if each.is_file() and each.suffix != ".log"
        }
        # The files are bind mounts, read by another user in there.
        for path in files.values():
            path.chmod(0o644)
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
        return Backend(self._main_url, secret, owned=True, log=log)

    def _others(self) -> ContainersDeployment:
        with self._lock:
            if self._beside is None:
                assert self._main is not None
                place = ContainerPlace(
                    self._network(), "mongodb://mongodb:27017", self._environment()
                )
                self._beside = ContainersDeployment(
                    self._folder,
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
        """What scicatlive tells its backend, without the image's own and what is ours to tell.

        A backend that must start without a variable must not get scicatlive's.
        """
        assert self._main is not None
        image = self._main.container.image
        own = set((image.attrs["Config"].get("Env") or []) if image is not None else [])
        pairs = [each for each in self._main.container.attrs["Config"]["Env"] if each not in own]
        found = dict(each.split("=", 1) for each in pairs)
        return {name: value for name, value in found.items() if name not in self._ours}

    def _write_overlay(self, backend: BackendFiles) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._overlay.touch(mode=0o600)
        text = overlay(self._owner.labels, backend, self._wanted)
        self._overlay.write_text(text, encoding="utf-8")

    def _check_seeds(self) -> None:
        """Compose starts a database without its seeds as readily as one with them."""
        uri = f"mongodb://{LOOPBACK_ADDRESS}:{self._compose.port('mongodb', 27017)}"
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
    """A sentence about ``JOBS_ENABLED=false`` and the like, None where nobody says so.

    scicatlive takes every value that is not empty for yes.
    """
    said = environment.get(_JOBS)
    where = "the environment"
    if said is None:
        where = str(checkout / ".env")
        said = _in_file(checkout / ".env")
    if said is None or said.strip().lower() not in _NO:
        return None
    return (
        f"{where} says {_JOBS}={said}: scicatlive takes that for yes, because it is not empty; "
        "leave it empty to turn jobs off (this run needs them, and turns them on)"
    )


def _in_file(path: Path) -> str | None:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    lines = text.splitlines()
    values = [line.partition("=")[2] for line in lines if line.startswith(f"{_JOBS}=")]
    return values[-1].strip().strip("\"'") if values else None


class _Rabbit:
    """The RabbitMQ of scicatlive."""

    name = "deployment"

    def __init__(self, port: int) -> None:
        self.address = BrokerAddress(LOOPBACK_ADDRESS, port, _GUEST, _GUEST)
        self.inside = BrokerAddress("rabbitmq", 5672, _GUEST, _GUEST)

    def connections_json(self) -> None:
        """Its connections are not looked into."""

    def close(self) -> None:
        """It ends with the project."""


def _checked(checkout: Path) -> Path:
    found = checkout.resolve()
    for name in (Path("compose.yaml"), _SEEDS):
        if not (found / name).exists():
            raise UsageFault(
                f"--scicatlive-dir {checkout}: there is no {name} in it; give a checkout of "
                "https://github.com/SciCatProject/scicatlive"
            )
    return found
