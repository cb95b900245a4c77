"""Look into a broker, and close its connections, from another process than its owner."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from scicat_harness.broker.broker import BrokerConnection, Visible
from scicat_harness.broker.control import BrokerControl
from scicat_harness.broker.rabbitmqctl import RabbitmqCtl
from scicat_harness.model.topology import Topology

__all__ = ["NodeConnections", "closer_from_json"]


@dataclass(frozen=True, slots=True)
class NodeConnections:
    """The connections of a private RabbitMQ node, by its ``rabbitmqctl``."""

    ctl: RabbitmqCtl

    def connections(self) -> tuple[BrokerConnection, ...]:
        """Return the connections of clients."""
        return tuple(self.ctl.connections().values())

    def close_connections(
        self, *, name: str | None = None, ports: Collection[int] | None = None
    ) -> int:
        """Close connections as ``ConnectionCloser``; return their number."""
        # The tool closes by Erlang process, which is known only from its own list.
        meant = {pid for pid, each in self.ctl.connections().items() if each.matches(name, ports)}
        self.ctl.close_connections(meant)
        return len(meant)

    def topology(self) -> Topology:
        """Return the exchanges and bindings of the node."""
        return self.ctl.topology()


def closer_from_json(data: Mapping[str, Any] | None) -> Visible | None:
    """Return the broker for data of ``Broker.connections_json``; None for None."""
    if data is None:
        return None
    if "control" in data:
        return BrokerControl(data["control"])
    return NodeConnections(RabbitmqCtl.from_json(data))
