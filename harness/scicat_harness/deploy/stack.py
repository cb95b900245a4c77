"""The services beside backends in containers, each ready once it can be used.

MongoDB, RabbitMQ, and the sinks where backends cannot reach this machine.
"""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import replace
from pathlib import Path

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.probe import use
from scicat_harness.deploy.container import (
    LOOPBACK_ADDRESS,
    Order,
    RunningContainer,
    errors_beside,
)
from scicat_harness.deploy.deployment import OwnedSinks
from scicat_harness.deploy.host import INSIDE
from scicat_harness.deploy.mongo import ping
from scicat_harness.deploy.readiness import wait_usable
from scicat_harness.deploy.sinks import token_pattern
from scicat_harness.errors import EnvironmentFault
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
    """A MongoDB server; backends find it as ``uri``."""

    ALIAS = "mongodb"
    ports = (_MONGO_PORT,)
    uri = f"mongodb://{ALIAS}:{_MONGO_PORT}"

    def __init__(self, order: Order, log: Path) -> None:
        self._running = RunningContainer.start("the MongoDB container", order, log)
        self._lock = threading.Lock()
        self._ready = False

    def wait(self) -> None:
        """Return once it answers a command; it is asked until it did so once."""
        with self._lock:
            if not self._ready:
                self._ask()
                self._ready = True

    def _ask(self) -> None:
        port = self._running.port(_MONGO_PORT)
        uri = f"mongodb://{LOOPBACK_ADDRESS}:{port}/?directConnection=true"
        wait_usable(lambda: ping(uri, _PING_DEADLINE), self._running, _DEADLINE)

    def stop(self) -> None:
        """End it; safe to call twice."""
        self._running.stop()


class RabbitContainer:
    """A RabbitMQ server as a broker: ``address`` from here, ``inside`` for backends."""

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
        """What the container is told, and the password it gives our user."""
        password = secrets.token_hex(16)
        return {"RABBITMQ_DEFAULT_USER": _USER, "RABBITMQ_DEFAULT_PASS": password}, password

    def wait(self) -> None:
        """Return once a channel can be opened."""
        wait_usable(lambda: use(self.address), self._running, _DEADLINE)

    def connections_json(self) -> None:
        """Its connections are not looked into."""

    def stop(self) -> None:
        """End it; safe to call twice."""
        self._running.stop()

    def close(self) -> None:
        """End it, as every broker is ended."""
        self.stop()


class SinksContainer:
    """Sinks in an image of this project; only their control port is published."""

    ALIAS = INSIDE.seen
    ports = (_CONTROL_PORT,)

    def __init__(self, order: Order, log: Path) -> None:
        self._running = RunningContainer.start("the sinks container", order, log)
        self._log = log

    @classmethod
    def entrypoint(cls, run: str) -> tuple[str, ...]:
        """What the container runs: the address on standard output, the journal on the other.

        They listen where their name leads, so that they tell addresses as backends see them.
        """
        return (
            *("python", "-m", "scicat_harness.sinks", "--token-pattern", token_pattern(run)),
            *("--host", cls.ALIAS, "--journal", "/dev/stderr"),
            *("--control-host", "0.0.0.0", "--control-port", str(_CONTROL_PORT)),
        )

    def wait(self) -> OwnedSinks:
        """Return once they answer."""
        wait_usable(self._ask, self._running, _DEADLINE)
        return OwnedSinks(self._address(), errors_beside(self._log))

    def _ask(self) -> None:
        with Sinks(self._address()) as sinks:
            sinks.health()

    def _address(self) -> SinksAddress:
        line, end, _ = self._running.output().partition("\n")
        if not end:
            raise EnvironmentFault("they have not said yet where they are")
        told = SinksAddress.from_json(json.loads(line))
        control = f"http://{LOOPBACK_ADDRESS}:{self._running.port(_CONTROL_PORT)}"
        return replace(told, control=control)

    def stop(self) -> None:
        """End them; safe to call twice."""
        self._running.stop()
