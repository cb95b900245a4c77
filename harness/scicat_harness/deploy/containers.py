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
from scicat_harness.deploy.mongo import reached
from scicat_harness.deploy.stack import MongoContainer, RabbitContainer, SinksContainer
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.state.leftovers import Leftovers

__all__ = ["ContainerPlace", "ContainersDeployment", "Images"]

_PORT = 3000
_START_DEADLINE = 120.0
_LOG = "backend.log"
_DATA = "/data"
"""The mount point of the volume for backends that keep their data in files."""


class _Stoppable(Protocol):
    def stop(self) -> None: ...


_Started = TypeVar("_Started", bound=_Stoppable)


@dataclass(frozen=True, slots=True)
class Images:
    """Image references as they were given on the command line."""

    backend: str
    mongo: str | None
    """None: the backends keep their data in files, as the embedded backend does."""
    rabbitmq: str
    harness: str = ""
    """The image of this project, for sinks in a container (``--sinks inside``)."""


@dataclass(frozen=True, slots=True)
class ContainerPlace:
    """The network and data server of backends: another process needs these to start more there."""

    network: str
    mongo_uri: str
    environment: Mapping[str, str]
    """Further variables of every backend in this place."""
    volume: str | None = None
    """The volume with their data, where it is not on a server."""
    reached: str = ""
    """The address of the data server for this machine, without a database; "" if there is none."""


class ContainersDeployment(Launching):
    """Starts backends, MongoDB, RabbitMQ and sinks as containers in a network of the run.

    With ``place`` it starts only backends, in a network that another process made. Raises
    EnvironmentFault where there is no engine, or an image can be neither found nor pulled.
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
        # Distinguishes names: several processes may start backends in one place.
        self._mark = random.token_hex(4)
        self._joined = place is not None
        self._mongo: MongoContainer | None = None
        if place is None:
            # Once per run: checks that start backends of their own pass the place of the run.
            Leftovers(folder).note(CONTAINERS, run=owner.run, engine=self._engine.where)
        self._image = self._engine.image(images.backend, "--backend-image")
        self.host = self._engine.host()
        self.place = place or self._make_place()
        self._launches = Launches(
            folder, self._launch, _START_DEADLINE, release, PurePosixPath(self._image.folder)
        )

    def about(self) -> Mapping[str, str]:
        """Return the image of the backends, with its digest."""
        return self._image.about()

    def start_broker(self) -> Broker:
        """Start RabbitMQ in a container; return it once a channel can be opened.

        Raises EnvironmentFault when it ends, DeadlineExceeded after 120 s.
        """
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
        """Start the sinks in a container; return their address once they answer.

        Raises EnvironmentFault when they end, DeadlineExceeded after 120 s.
        """
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
        """Return the place and the owner, for another process to start backends there."""
        return {"place": asdict(self.place), "owner": asdict(self._owner)}

    def close(self) -> None:
        """Remove every container of this process, side by side.

        The process that made the network also removes it and the volume. Safe to call twice.
        """
        with self._lock:
            self._closed = True
            started, self._started = self._started, []
        try:
            # Side by side: each may take its whole grace period.
            if started:
                with ThreadPoolExecutor(max_workers=len(started)) as pool:
                    list(pool.map(lambda each: each.stop(), started))
        finally:
            if not self._joined:
                # The leftovers of the run name it: what fails now is removed by the next start.
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
            # Called by the constructor: without it there is no object that could be closed.
            self.close()
            raise
        return ContainerPlace(network, MongoContainer.uri, {}, reached=self._mongo.reached)

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
            # Waited for here, not at its start, so that MongoDB and the broker start side by side.
            self._mongo.wait()
        # The backend's log is in the same folder, and is not for the backend.
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
            # Those of the run take precedence; NO_COLOR because the log is read as a channel.
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
        database = reached(self.place.reached, self._database(data)) if self.place.reached else ""
        return Launched(backend, f"http://{LOOPBACK_ADDRESS}:{backend.port(_PORT)}", database)

    def _database(self, data: str) -> str:
        """Return the database name for ``data``: the same for the same data of this deployment."""
        # MongoDB takes at most 63 bytes.
        return f"scicat-{self._mark}-{data}"[:60]

    def _keep(self, start: Callable[[], _Started]) -> _Started:
        """Call ``start`` and own what it returns; raise EnvironmentFault after ``close``.

        Unlike in ``Children`` the lock is not held meanwhile: containers start slowly, and start
        side by side. One that is ready after ``close`` is stopped again.
        """
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
