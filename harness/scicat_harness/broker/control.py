"""The client side of a control port: the connections of a broker child, and its proxies."""

from __future__ import annotations

import json
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from scicat_harness.broker.broker import BrokerConnection
from scicat_harness.broker.proxy import ProxyMode
from scicat_harness.errors import EnvironmentFault

__all__ = ["BrokerControl", "ProxyControl"]

_DEADLINE = 10.0


@dataclass(frozen=True, slots=True)
class BrokerControl:
    """Speaks to the control port of a child; plain data, so that any process can use it."""

    port: int

    def connections(self) -> tuple[BrokerConnection, ...]:
        """The clients that are connected, by port."""
        found = self._ask("connections")
        return tuple(BrokerConnection(each["name"], each["port"]) for each in found)

    def close_connections(
        self,
        *,
        name: str | None = None,
        ports: Collection[int] | None = None,
        graceful: bool = True,
    ) -> int:
        """Close those with that client name and with one of these ports; how many.

        ``graceful``: with 320 CONNECTION_FORCED; else with a TCP reset.
        """
        meant = [each.port for each in self.connections() if each.matches(name, ports)]
        closed: int = self._ask("close", ports=meant, graceful=graceful)
        return closed

    def open_proxy(self) -> ProxyControl:
        """A new proxy in front of the broker."""
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
                f"({error.strerror or error}); its log says why"
            ) from None
        if "error" in answer:
            raise EnvironmentFault(f"the broker child cannot {action}: {answer['error']}")
        return answer["result"]


@dataclass(frozen=True, slots=True)
class ProxyControl:
    """One proxy; a backend connects to 127.0.0.1 at ``port`` instead of the broker's."""

    control: BrokerControl
    port: int

    def cut(self) -> int:
        """Reset every connection through it, on both sides; how many. New ones go through."""
        cut: int = self.control._ask("cut", port=self.port)
        return cut

    def blackhole(self) -> None:
        """Swallow everything, and answer nothing, until ``recover``."""
        self._change(ProxyMode.BLACKHOLE)

    def refuse(self) -> None:
        """Reset new connections until ``recover``; those that stand are kept."""
        self._change(ProxyMode.REFUSE)

    def recover(self) -> None:
        """Let everything through again."""
        self._change(ProxyMode.PASS)

    def target_ports(self) -> frozenset[int]:
        """The ports under which the broker sees the connections through this proxy."""
        return frozenset(self.control._ask("target-ports", port=self.port))

    def _change(self, mode: ProxyMode) -> None:
        self.control._ask("proxy", port=self.port, mode=mode)
