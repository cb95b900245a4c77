"""Closing connections with what another process is told of a broker."""

from __future__ import annotations

from pathlib import Path

from scicat_harness.broker.broker import BrokerConnection, ConnectionCloser
from scicat_harness.broker.closer import NodeConnections, closer_from_json
from scicat_harness.broker.control import BrokerControl
from scicat_harness.broker.rabbitmqctl import RabbitmqCtl


class Ctl(RabbitmqCtl):
    """Two connections, and a note of what is closed."""

    closed: set[str] = set()  # noqa: RUF012 - one instance only

    def connections(self) -> dict[str, BrokerConnection]:
        return {"<1>": BrokerConnection("backend", 1001), "<2>": BrokerConnection("sinks", 1002)}

    def close_connections(self, processes: object) -> None:
        assert isinstance(processes, set)
        self.closed.update(processes)


def test_the_tool_of_a_node_travels_as_plain_data() -> None:
    ctl = RabbitmqCtl(Path("/usr/bin/rabbitmqctl"), "scicat-1@localhost", {"HOME": "/tmp/node"})
    assert closer_from_json(ctl.to_json()) == NodeConnections(ctl)


def test_the_control_port_of_the_embedded_broker_travels_as_plain_data() -> None:
    assert closer_from_json({"control": 4711}) == BrokerControl(4711)


def test_a_given_broker_shows_no_connections() -> None:
    assert closer_from_json(None) is None


def test_only_connections_with_one_of_the_ports_are_closed() -> None:
    ctl = Ctl(Path("/usr/bin/rabbitmqctl"), "scicat-1@localhost", {})
    closer: ConnectionCloser = NodeConnections(ctl)
    assert closer.close_connections(ports={1001}) == 1
    assert ctl.closed == {"<1>"}
