"""The protocol of brokers, and the abilities that some have besides.

A check that needs an ability which a broker lacks is not verifiable there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.model.topology import Topology

__all__ = [
    "Broker",
    "BrokerConnection",
    "ConnectionCloser",
    "Inside",
    "Inspectable",
    "Proxied",
    "Proxy",
    "Visible",
]


class Broker(Protocol):
    """A running broker; closing is idempotent.

    ``name`` is its kind: embedded, rabbitmq, given, or deployment (one beside its backends).
    """

    name: str

    @property
    def address(self) -> BrokerAddress:
        """The address with credentials; ``address.environment()`` configures a backend."""

    def connections_json(self) -> Mapping[str, Any] | None:
        """Return plain data by which another process can see and close its connections.

        ``closer_from_json`` reads it. None where its connections cannot be seen.
        """

    def close(self) -> None:
        """End the processes that were started for it."""


@runtime_checkable
class Inside(Protocol):
    """Ability: backends reach it at another address, such as its name in a container network."""

    @property
    def inside(self) -> BrokerAddress:
        """The address for backends."""


@dataclass(frozen=True, slots=True)
class BrokerConnection:
    """A connection as the broker sees it.

    ``name`` is the client property ``connection_name``, or else ``product``; ``port`` is the TCP
    port of the client's end.
    """

    name: str
    port: int

    def matches(self, name: str | None, ports: Collection[int] | None) -> bool:
        """Return whether it has that name and one of these ports; None is any."""
        return name in (None, self.name) and (ports is None or self.port in ports)


@runtime_checkable
class ConnectionCloser(Protocol):
    """Ability: its connections can be seen, and closed as an operator closes them."""

    def connections(self) -> tuple[BrokerConnection, ...]:
        """Return the connections of clients."""

    def close_connections(
        self, *, name: str | None = None, ports: Collection[int] | None = None
    ) -> int:
        """Close the connections with that name and one of these ports; return their number.

        The client gets the reply code 320 CONNECTION_FORCED, as when an operator closes it. None
        is any name or port.
        """


class Visible(ConnectionCloser, Protocol):
    """A broker that can be looked into from any process."""

    def topology(self) -> Topology:
        """Return its exchanges and bindings."""


@runtime_checkable
class Inspectable(Protocol):
    """Ability: its exchanges and bindings can be seen by the process that started it."""

    def topology(self) -> Topology:
        """Return its exchanges and bindings."""


class Proxy(Protocol):
    """A TCP proxy in front of the broker that can be made to fail."""

    @property
    def port(self) -> int:
        """The port that it listens at."""

    def cut(self) -> int:
        """Reset every connection through it; return their number. New ones are accepted."""

    def blackhole(self) -> None:
        """Accept everything and forward nothing until ``recover``."""

    def refuse(self) -> None:
        """Reset new connections until ``recover``."""

    def recover(self) -> None:
        """Forward everything again."""

    def target_ports(self) -> frozenset[int]:
        """Return the client ports that the broker sees of the connections through it."""


@runtime_checkable
class Proxied(Protocol):
    """Ability: a backend can have an address of its own that can be made to fail."""

    def open_proxy(self) -> Proxy:
        """Open a new proxy in front of the broker.

        A backend uses it by its address::

            proxy = broker.open_proxy()
            environment = broker.address.at(proxy.port).environment()
        """
