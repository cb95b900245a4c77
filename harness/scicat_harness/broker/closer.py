"""Closing connections from another process than the one that started the broker."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from scicat_harness.broker.broker import BrokerConnection, ConnectionCloser
from scicat_harness.broker.control import BrokerControl
from scicat_harness.broker.rabbitmqctl import RabbitmqCtl

__all__ = ["NodeConnections", "closer_from_json"]


@dataclass(frozen=True, slots=True)
class NodeConnections:
    """The connections of a private node, by its tool."""

    ctl: RabbitmqCtl

    def connections(self) -> tuple[BrokerConnection, ...]:
        """The clients that are connected."""
        return tuple(self.ctl.connections().values())

    def close_connections(
        self, *, name: str | None = None, ports: Collection[int] | None = None
    ) -> int:
        """Close with 320 CONNECTION_FORCED those with that name and those ports; how many."""
        meant = {pid for pid, each in self.ctl.connections().items() if each.matches(name, ports)}
        self.ctl.close_connections(meant)
        return len(meant)


def closer_from_json(data: Mapping[str, Any] | None) -> ConnectionCloser | None:
    """What ``Broker.connections_json`` describes; None for a broker that does not show them."""
    if data is None:
        return None
    if "control" in data:
        return BrokerControl(data["control"])
    return NodeConnections(RabbitmqCtl.from_json(data))
