"""Run ``rabbitmqctl`` of a private node: list its connections, and close some of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scicat_harness.broker.broker import BrokerConnection
from scicat_harness.command import run_command
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.topology import Route, Topology

__all__ = ["TRACE", "RabbitmqCtl", "node_topology"]

_DEADLINE = 30.0
_REASON = "closed by the harness"
# As text: in JSON the process ids have a form that the tool itself does not accept as argument.
_COLUMNS = ("--no-table-headers", "pid", "peer_port", "client_properties")
TRACE = ("rabbitmqctl", "--quiet", "trace_on")
"""Has a node copy each message to ``amq.rabbitmq.trace`` (RabbitMQ: "Firehose Tracer")."""
_BINDING = ("source_name", "destination_name", "routing_key")
_NAMES = tuple(
    re.compile(rf'{{"{key}","((?:[^"\\]|\\.)*)"}}') for key in ("connection_name", "product")
)


@dataclass(frozen=True, slots=True)
class RabbitmqCtl:
    """Runs the tool with the node's own home, cookie and epmd; plain data for any process.

    Methods raise EnvironmentFault when the tool fails, DeadlineExceeded after 30 s.
    """

    binary: Path
    node: str
    environment: Mapping[str, str] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "binary": str(self.binary),
            "node": self.node,
            "environment": dict(self.environment),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RabbitmqCtl:
        """Return the tool that ``to_json`` made the data of."""
        return cls(Path(data["binary"]), data["node"], data["environment"])

    def connections(self) -> dict[str, BrokerConnection]:
        """Return the connections of clients by Erlang process."""
        rows = self._run("list_connections", *_COLUMNS).splitlines()
        # The properties come last, for they may contain anything.
        found = (each.split("\t", 2) for each in rows if each)
        return {pid: BrokerConnection(_name(about), int(port)) for pid, port, about in found}

    def close_connections(self, processes: Iterable[str]) -> None:
        """Close the connections of these Erlang processes, as an operator does."""
        for process in processes:
            self._run("close_connection", process, _REASON)

    def topology(self) -> Topology:
        """Return the exchanges and bindings of the node."""
        return node_topology(self._run)

    def _run(self, *arguments: str) -> str:
        command = [str(self.binary), "--quiet", "--node", self.node, *arguments]
        done = run_command(command, seconds=_DEADLINE, env=self.environment)
        if done.code:
            message = (done.errors or done.output).strip()
            raise EnvironmentFault(f"{self.binary} {arguments[0]} failed: {message}")
        return done.output


def node_topology(run: Callable[..., str]) -> Topology:
    """Return the exchanges and bindings of a node.

    ``run`` runs ``rabbitmqctl --quiet`` with these arguments and returns its output.
    """

    def listed(command: str, *columns: str) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = json.loads(run(command, *columns, "--formatter", "json"))
        return rows

    # Each call starts an Erlang machine, so both at once.
    with ThreadPoolExecutor(2) as pool:
        exchanges = pool.submit(listed, "list_exchanges", "name")
        bindings = listed("list_bindings", *_BINDING)
    return Topology(
        frozenset(each["name"] for each in exchanges.result()),
        frozenset(Route(*(each[column] for column in _BINDING)) for each in bindings),
    )


def _name(properties: str) -> str:
    """Return connection name or product of client properties, which are an Erlang term."""
    for pattern in _NAMES:
        if found := pattern.search(properties):
            return found[1]
    return "?"
