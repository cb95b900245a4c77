"""What a run needs of a broker, however it came to be running, and what some can do besides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from scicat_harness.broker.address import BrokerAddress

__all__ = ["Broker", "BrokerConnection", "ConnectionCloser", "Inside", "Proxied", "Proxy"]


class Broker(Protocol):
    """A broker that answers; closing is idempotent and ends what was started for it."""

    name: str

    @property
    def address(self) -> BrokerAddress:
        """Where it is, and who may log in; ``address.environment()`` is for a backend."""

    def connections_json(self) -> Mapping[str, Any] | None:
        """How another process can see and close its connections, as plain data; None: not."""

    def close(self) -> None:
        """End it, if it is ours."""


@runtime_checkable
class Inside(Protocol):
    """Ability: backends have a way of their own to it, such as the name in a shared network."""

    @property
    def inside(self) -> BrokerAddress:
        """Where backends find it."""


@dataclass(frozen=True, slots=True)
class BrokerConnection:
    """A client of the broker: its connection name or product, and its TCP port."""

    name: str
    port: int

    def matches(self, name: str | None, ports: Collection[int] | None) -> bool:
        """Whether it has that name and one of these ports; None takes any."""
        return name in (None, self.name) and (ports is None or self.port in ports)


@runtime_checkable
class ConnectionCloser(Protocol):
    """Ability: its connections can be seen, and closed as an operator closes them."""

    def connections(self) -> tuple[BrokerConnection, ...]:
        """The clients that are connected."""

    def close_connections(
        self, *, name: str | None = None, ports: Collection[int] | None = None
    ) -> int:
        """Close with 320 CONNECTION_FORCED those with that name and those ports; how many."""


class Proxy(Protocol):
    """A way to the broker that can be made to fail."""

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""

    def cut(self) -> int:
        """Reset every connection through it; how many."""

    def blackhole(self) -> None:
        """Swallow everything until ``recover``."""

    def refuse(self) -> None:
        """Reset new connections until ``recover``."""

    def recover(self) -> None:
        """Let everything through again."""

    def target_ports(self) -> frozenset[int]:
        """The ports under which the broker sees the connections through it."""


@runtime_checkable
class Proxied(Protocol):
    """Ability: a backend can be given an address of its own that can be made to fail."""

    def open_proxy(self) -> Proxy:
        """A new proxy in front of the broker; ``address.at(proxy.port)`` goes through it."""
