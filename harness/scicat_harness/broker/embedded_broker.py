"""The embedded broker of a run: in a process of its own, on a free loopback port."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.broker import BrokerConnection
from scicat_harness.broker.control import ProxyControl
from scicat_harness.broker.service import BrokerService
from scicat_harness.processes.children import Children

__all__ = ["EmbeddedBroker"]


class EmbeddedBroker:
    """The embedded broker, started as ``python -m scicat_harness.broker``.

    Queues and messages are in memory and end with the process. ``port`` 0 is any free one.
    """

    name = "embedded"

    def __init__(self, folder: Path, children: Children, *, port: int = 0) -> None:
        self._service = BrokerService.start("embedded broker", folder, children, port=port)
        self.control = self._service.control
        self.address = BrokerAddress("127.0.0.1", self._service.port, "guest", "guest")

    def connections(self) -> tuple[BrokerConnection, ...]:
        """Return the connections of clients."""
        return self.control.connections()

    def close_connections(
        self, *, name: str | None = None, ports: Collection[int] | None = None
    ) -> int:
        """Close connections as ``ConnectionCloser``; return their number."""
        return self.control.close_connections(name=name, ports=ports)

    def connections_json(self) -> Mapping[str, Any]:
        """Return its control port, for ``closer_from_json``."""
        return {"control": self.control.port}

    def open_proxy(self) -> ProxyControl:
        """Open a new proxy in front of it."""
        return self.control.open_proxy()

    def close(self) -> None:
        """End it; safe to call twice."""
        self._service.child.stop()
