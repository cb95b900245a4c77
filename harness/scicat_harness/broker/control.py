"""The client of a broker child's control port: its connections and proxies.

``control_server`` describes the requests.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from scicat_harness.broker.broker import BrokerConnection
from scicat_harness.broker.proxy import ProxyMode
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.topology import Topology

__all__ = ["BrokerControl", "ProxyControl"]

_DEADLINE = 10.0


@dataclass(frozen=True, slots=True)
class BrokerControl:
    """A client of the control port of a broker child.

    It is plain data that any process can use: each request has a connection of its own. Methods
    raise EnvironmentFault when the child does not answer or cannot do it.
    """

    port: int

    def connections(self) -> tuple[BrokerConnection, ...]:
        """Return the connections of clients, sorted by port."""
        found = self._ask("connections")
        return tuple(BrokerConnection(each["name"], each["port"]) for each in found)

    def close_connections(
        self,
        *,
        name: str | None = None,
        ports: Collection[int] | None = None,
        graceful: bool = True,
    ) -> int:
        """Close the connections with that name and one of these ports; return their number.

        With ``graceful`` the client gets 320 CONNECTION_FORCED, otherwise a TCP reset.
        """
        meant = [each.port for each in self.connections() if each.matches(name, ports)]
        closed: int = self._ask("close", ports=meant, graceful=graceful)
        return closed

    def topology(self) -> Topology:
        """Return the exchanges and bindings of the broker."""
        return Topology.from_json(self._ask("topology"))

    def open_proxy(self) -> ProxyControl:
        """Open a new proxy in front of the broker."""
        return ProxyControl(self, self._ask("open-proxy"))

    def _ask(self, action: str, **more: object) -> Any:
        line = json.dumps({"do": action, **more}).encode() + b"\n"
        try:
            with (
                socket.create_connection(("127.0.0.1", self.port), _DEADLINE) as connection,
                connection.makefile("rb") as answers,
            ):
                connection.sendall(line)
                answer = json.loads(answers.readline() or b'{"error": "no answer"}')
        except OSError as error:
            raise EnvironmentFault(
                f"the broker child at control port {self.port} does not answer "
                f"({error.strerror or error}); look into its log"
            ) from None
        if "error" in answer:
            raise EnvironmentFault(f"the broker child cannot {action}: {answer['error']}")
        return answer["result"]


@dataclass(frozen=True, slots=True)
class ProxyControl:
    """One proxy; a backend connects to its ``port`` instead of the broker's."""

    control: BrokerControl
    port: int

    def cut(self) -> int:
        """Reset every connection through it, on both sides; return their number.

        New connections are accepted.
        """
        cut: int = self.control._ask("cut", port=self.port)
        return cut

    def blackhole(self) -> None:
        """Accept everything and forward nothing until ``recover``."""
        self._change(ProxyMode.BLACKHOLE)

    def refuse(self) -> None:
        """Reset new connections until ``recover``; open ones are kept."""
        self._change(ProxyMode.REFUSE)

    def recover(self) -> None:
        """Forward everything again."""
        self._change(ProxyMode.PASS)

    def target_ports(self) -> frozenset[int]:
        """Return the client ports that the broker sees of the connections through it."""
        return frozenset(self.control._ask("target-ports", port=self.port))

    def _change(self, mode: ProxyMode) -> None:
        self.control._ask("proxy", port=self.port, mode=mode)
