"""The services beside backends in containers: MongoDB, RabbitMQ, and sinks if needed.

Each is ready once it can be used, not once its container runs. Sinks are among them where backends
cannot reach this machine.
"""

from __future__ import annotations

import json
import secrets
import threading
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.probe import use
from scicat_harness.broker.rabbitmqctl import TRACE, node_topology
from scicat_harness.deploy.container import (
    LOOPBACK_ADDRESS,
    Order,
    RunningContainer,
    errors_beside,
)
from scicat_harness.deploy.deployment import OwnedSinks
from scicat_harness.deploy.host import INSIDE
from scicat_harness.deploy.mongo import ping, reached
from scicat_harness.deploy.sinks import token_pattern
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.topology import Topology
from scicat_harness.processes.running import wait_usable
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.client import Sinks

__all__ = ["MongoContainer", "RabbitContainer", "SinksContainer"]

_MONGO_PORT = 27017
_AMQP_PORT = 5672
_DEADLINE = 120.0
_USER = "harness"
_CONTROL_PORT = 8025
_PING_DEADLINE = 1.0


class MongoContainer:
    """A MongoDB server in a container; backends reach it at ``uri``."""

    ALIAS = "mongodb"
    ports = (_MONGO_PORT,)
    uri = f"mongodb://{ALIAS}:{_MONGO_PORT}"

    def __init__(self, order: Order, log: Path) -> None:
        self._running = RunningContainer.start("the MongoDB container", order, log)
        self._lock = threading.Lock()
        self._ready = False

    def wait(self) -> None:
        """Return once it answers a command; later calls return at once.

        Raises EnvironmentFault when it ends, DeadlineExceeded after 120 s.
        """
        # Several backends are launched side by side; the lock lets one of them ask.
        with self._lock:
            if not self._ready:
                self._ask()
                self._ready = True

    def _ask(self) -> None:
        uri = reached(self.reached, "")
        wait_usable(lambda: ping(uri, _PING_DEADLINE), self._running, _DEADLINE)

    @property
    def reached(self) -> str:
        """The address of the server for this machine, without a database."""
        return f"mongodb://{LOOPBACK_ADDRESS}:{self._running.port(_MONGO_PORT)}"

    def stop(self) -> None:
        """End it; safe to call twice."""
        self._running.stop()


class RabbitContainer:
    """A RabbitMQ server in a container: a broker with ``address`` here and ``inside`` for backends.

    Its user has a random password; ``environment`` returns it with the variables that set it.
    """

    name = "deployment"
    ALIAS = "rabbitmq"
    ports = (_AMQP_PORT,)

    def __init__(self, order: Order, log: Path, password: str) -> None:
        self._running = RunningContainer.start("the RabbitMQ container", order, log)
        port = self._running.port(_AMQP_PORT)
        self.address = BrokerAddress(LOOPBACK_ADDRESS, port, _USER, password)
        self.inside = BrokerAddress(self.ALIAS, _AMQP_PORT, _USER, password)

    @classmethod
    def environment(cls) -> tuple[dict[str, str], str]:
        """Return the variables of the container, and the password of the user they make."""
        password = secrets.token_hex(16)
        return {"RABBITMQ_DEFAULT_USER": _USER, "RABBITMQ_DEFAULT_PASS": password}, password

    def wait(self) -> None:
        """Return once a message can be sent and read back, and each is traced."""
        wait_usable(lambda: use(self.address), self._running, _DEADLINE)
        # An image without the tool has no trace, and is not looked into in the end.
        with suppress(EnvironmentFault):
            self._running.run(*TRACE)

    def topology(self) -> Topology:
        """Return its exchanges and bindings."""
        return node_topology(partial(self._running.run, "rabbitmqctl", "--quiet"))

    def connections_json(self) -> None:
        """Return None: its connections can be neither seen nor closed."""

    def stop(self) -> None:
        """End it; safe to call twice."""
        self._running.stop()

    def close(self) -> None:
        """End it; the name of ``stop`` in the protocol of brokers."""
        self.stop()


class SinksContainer:
    """Sinks in a container with the image of this project; only their control port is published."""

    ALIAS = INSIDE.seen
    ports = (_CONTROL_PORT,)

    def __init__(self, order: Order, log: Path) -> None:
        self._running = RunningContainer.start("the sinks container", order, log)
        self._log = log

    @classmethod
    def entrypoint(cls, run: str) -> tuple[str, ...]:
        """Return the command of the container.

        It writes the address to standard output, and the journal to standard error. Sinks listen
        under their network alias, so that the addresses they report are those for backends.
        """
        return (
            *("python", "-m", "scicat_harness.sinks", "--token-pattern", token_pattern(run)),
            *("--host", cls.ALIAS, "--journal", "/dev/stderr"),
            # A published port leads to the container's address, not to its loopback.
            *("--control-host", "0.0.0.0", "--control-port", str(_CONTROL_PORT)),
        )

    def wait(self) -> OwnedSinks:
        """Return the address and the journal file once the sinks answer."""
        wait_usable(self._ask, self._running, _DEADLINE)
        return OwnedSinks(self._address(), errors_beside(self._log))

    def _ask(self) -> None:
        with Sinks(self._address()) as sinks:
            sinks.health()

    def _address(self) -> SinksAddress:
        # The first line is the address; it may be read before it is complete.
        line, end, _ = self._running.output().partition("\n")
        if not end:
            raise EnvironmentFault("they have not reported their address yet")
        reported = SinksAddress.from_json(json.loads(line))
        # The control API is for this machine, the other addresses are for backends.
        control = f"http://{LOOPBACK_ADDRESS}:{self._running.port(_CONTROL_PORT)}"
        return replace(reported, control=control)

    def stop(self) -> None:
        """End them; safe to call twice."""
        self._running.stop()
