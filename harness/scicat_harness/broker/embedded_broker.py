"""The embedded broker as a run uses it: in a process of its own, on a free loopback port."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.broker import BrokerConnection
from scicat_harness.broker.control import ProxyControl
from scicat_harness.broker.service import BrokerService
from scicat_harness.deploy.children import Children

__all__ = ["EmbeddedBroker"]


class EmbeddedBroker:
    """Starts ``python -m scicat_harness.broker``; what it holds is in memory and ends with it."""

    name = "embedded"

    def __init__(self, folder: Path, children: Children, *, port: int = 0) -> None:
        self._service = BrokerService.start("embedded broker", folder, children, port=port)
        self.control = self._service.control
        self.address = BrokerAddress("127.0.0.1", self._service.port, "guest", "guest")

    def connections(self) -> tuple[BrokerConnection, ...]:
        """The clients that are connected."""
        return self.control.connections()

    def close_connections(
        self, *, name: str | None = None, ports: Collection[int] | None = None
    ) -> int:
        """Close with 320 CONNECTION_FORCED those with that name and those ports; how many."""
        return self.control.close_connections(name=name, ports=ports)

    def connections_json(self) -> Mapping[str, Any]:
        """Its control port."""
        return {"control": self.control.port}

    def open_proxy(self) -> ProxyControl:
        """A new proxy in front of it."""
        return self.control.open_proxy()

    def close(self) -> None:
        """End it; safe to call twice."""
        self._service.child.stop()
