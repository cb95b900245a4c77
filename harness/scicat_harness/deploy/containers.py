"""The containers deployment: backends from an image, with MongoDB and RabbitMQ in a network."""

from __future__ import annotations

import secrets as random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, TypeVar

from scicat_harness.broker.broker import Broker
from scicat_harness.deploy.container import LOOPBACK_ADDRESS, Order, RunningContainer
from scicat_harness.deploy.deployment import OwnedSinks
from scicat_harness.deploy.engine import CONTAINERS, ContainerEngine, Image, Owner
from scicat_harness.deploy.launch import Launched, Launches, Launching
from scicat_harness.deploy.stack import MongoContainer, RabbitContainer, SinksContainer
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.state.leftovers import Leftovers

__all__ = ["ContainerPlace", "ContainersDeployment", "Images"]

_PORT = 3000
_START_DEADLINE = 120.0
_LOG = "backend.log"
_DATA = "/data"
"""Where backends without MongoDB keep their data."""


class _Stoppable(Protocol):
    def stop(self) -> None: ...


_Started = TypeVar("_Started", bound=_Stoppable)


@dataclass(frozen=True, slots=True)
class Images:
    """References as they were given."""

    backend: str
    mongo: str | None
    """None: the backend keeps its data in files, as the embedded one does."""
    rabbitmq: str
    harness: str = ""
    """Of this project, where sinks are to be started in a container."""


@dataclass(frozen=True, slots=True)
class ContainerPlace:
    """Where backends are started: what another process must know to start some beside them."""

    network: str
    mongo_uri: str
    environment: Mapping[str, str]
    """What every backend there is told besides."""
    volume: str | None = None
    """Where their data is, if not on a server."""


class ContainersDeployment(Launching):
    """Starts what a run needs in a network of its own; ``place`` given: backends alone, there.

    Raises EnvironmentFault where there is no engine, or an image cannot be had.
    """

    name = "containers"

    def __init__(
        self,
        folder: Path,
        images: Images,
        owner: Owner,
        release: Release = CURRENT,
        place: ContainerPlace | None = None,
    ) -> None:
        self._folder = folder
        self._images = images
        self._owner = owner
        self._engine = ContainerEngine()
        self._lock = threading.Lock()
        self._started: list[_Stoppable] = []
        self._closed = False
        # Several processes, and several of one process, start backends in one place.
        self._mark = random.token_hex(4)
        self._joined = place is not None
        self._mongo: MongoContainer | None = None
        if place is None:
            # Once per run; checks that start backends of their own come here, too.
            Leftovers(folder).note(CONTAINERS, run=owner.run, engine=self._engine.where)
        self._image = self._engine.image(images.backend, "--backend-image")
        self.host = self._engine.host()
        self.place = place or self._make_place()
        self._launches = Launches(
            folder, self._launch, _START_DEADLINE, release, PurePosixPath(self._image.folder)
        )

    def about(self) -> Mapping[str, str]:
        """The image of the backends, with its digest."""
        return self._image.about()

    def start_broker(self) -> Broker:
        """The RabbitMQ container."""
        image = self._engine.image(self._images.rabbitmq, "--rabbitmq-image")
        environment, password = RabbitContainer.environment()
        order = self._order(
            RabbitContainer.ALIAS, image, ports=RabbitContainer.ports, environment=environment
        )
        log = self._folder / "rabbitmq.log"
        broker = self._keep(lambda: RabbitContainer(order, log, password))
        broker.wait()
        return broker

    def start_sinks(self) -> OwnedSinks:
        """The sinks container."""
        image = self._engine.image(self._images.harness, "--harness-image")
        order = self._order(
            SinksContainer.ALIAS,
            image,
            ports=SinksContainer.ports,
            entrypoint=SinksContainer.entrypoint(self._owner.run),
        )
        log = self._folder / "sinks.log"
        return self._keep(lambda: SinksContainer(order, log)).wait()

    def to_json(self) -> dict[str, Any]:
        """The place, for another process."""
        return {"place": asdict(self.place), "owner": asdict(self._owner)}

    def close(self) -> None:
        """Remove every container of this process, side by side; without a place: everything."""
        with self._lock:
            self._closed = True
            started, self._started = self._started, []
        if started:
            with ThreadPoolExecutor(max_workers=len(started)) as pool:
                list(pool.map(lambda each: each.stop(), started))
        if not self._joined:
            # What the engine does not do now stays among the leftovers of the run.
            with suppress(EnvironmentFault):
                self._engine.remove(self._owner.run)
        self._engine.close()

    def _make_place(self) -> ContainerPlace:
        wanted = self._images.mongo
        image = self._engine.image(wanted, "--mongo-image") if wanted is not None else None
        try:
            network = self._engine.make_network(self._owner)
            if image is None:
                volume = self._engine.make_volume(self._owner)
                return ContainerPlace(network, f"file://{_DATA}", {}, volume)
            order = self._order(MongoContainer.ALIAS, image, network, ports=MongoContainer.ports)
            log = self._folder / "mongodb.log"
            self._mongo = self._keep(lambda: MongoContainer(order, log))
        except BaseException:
            self.close()
            raise
        return ContainerPlace(network, MongoContainer.uri, {})

    def _order(
        self,
        name: str,
        image: Image,
        network: str | None = None,
        *,
        ports: tuple[int, ...] = (),
        environment: Mapping[str, str] | None = None,
        entrypoint: tuple[str, ...] = (),
    ) -> Order:
        return Order(
            name=f"{self._owner.prefix}-{name}",
            image=image.reference,
            network=network or self.place.network,
            labels=self._owner.labels,
            alias=name,
            ports=ports,
            environment=environment or {},
            entrypoint=entrypoint,
        )

    def _launch(self, folder: Path, environment: Mapping[str, str], data: str) -> Launched:
        if self._mongo is not None:
            # Not before: it and the broker are started side by side.
            self._mongo.wait()
        there = PurePosixPath(self._image.folder)
        files: dict[str, Path | bytes] = {
            str(there / each.name): each.read_bytes()
            for each in folder.iterdir()
            if each.is_file() and each.suffix != ".log"
        }
        name = f"backend-{folder.name}-{self._mark}-{random.token_hex(2)}"
        order = Order(
            name=f"{self._owner.prefix}-{name}",
            image=self._image.reference,
            network=self.place.network,
            labels=self._owner.labels,
            ports=(_PORT,),
            environment={
                **self.place.environment,
                **environment,
                "PORT": str(_PORT),
                "MONGODB_URI": f"{self.place.mongo_uri}/{self._database(data)}",
                "NO_COLOR": "1",
            },
            files=files,
            volumes={self.place.volume: _DATA} if self.place.volume is not None else {},
        )
        what = f"the backend container {self._image.reference}"
        backend = self._keep(lambda: RunningContainer.start(what, order, folder / _LOG))
        return Launched(backend, f"http://{LOOPBACK_ADDRESS}:{backend.port(_PORT)}")

    def _database(self, data: str) -> str:
        """The same name for the same data, another for everybody else who uses the server."""
        return f"scicat-{self._mark}-{data}"[:60]

    def _keep(self, start: Callable[[], _Started]) -> _Started:
        """Start something and own it; an EnvironmentFault after close."""
        with self._lock:
            if self._closed:
                raise EnvironmentFault("the run is being ended")
        started = start()
        with self._lock:
            if not self._closed:
                self._started.append(started)
                return started
        started.stop()
        raise EnvironmentFault("the run is being ended")
