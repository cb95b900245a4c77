"""``rabbitmqctl`` against a private node: see its connections, close some of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.broker.broker import BrokerConnection
from harness.errors import EnvironmentFault

__all__ = ["RabbitmqCtl"]

_DEADLINE = 30.0
_REASON = "closed by the harness"
_COLUMNS = ("pid", "name", "peer_port", "client_properties")


@dataclass(frozen=True, slots=True)
class RabbitmqCtl:
    """Runs the tool with the node's own home, cookie and epmd."""

    binary: Path
    node: str
    environment: Mapping[str, str] = field(repr=False)

    def connections(self) -> dict[str, BrokerConnection]:
        """The clients that are connected, by Erlang process."""
        listed = self._run("list_connections", "--formatter", "json", *_COLUMNS)
        rows: list[dict[str, Any]] = json.loads(listed)
        return {each["pid"]: BrokerConnection(_name(each), each["peer_port"]) for each in rows}

    def close_connections(self, processes: Iterable[str]) -> None:
        """Close these, as an operator does."""
        for process in processes:
            self._run("close_connection", process, _REASON)

    def _run(self, *arguments: str) -> str:
        command = [str(self.binary), "--quiet", "--node", self.node, *arguments]
        try:
            done = subprocess.run(
                command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_DEADLINE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EnvironmentFault(f"{self.binary} {arguments[0]}: {error}") from None
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise EnvironmentFault(f"{self.binary} {arguments[0]} failed: {said}")
        return done.stdout


def _name(row: Mapping[str, Any]) -> str:
    properties = row["client_properties"]
    pairs = (
        properties if isinstance(properties, dict) else {each[0]: each[-1] for each in properties}
    )
    return str(pairs.get("connection_name") or pairs.get("product") or "?")
