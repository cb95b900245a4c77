"""Start a broker child and wait until it is ready."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.broker.control import BrokerControl
from scicat_harness.errors import DeadlineExceeded
from scicat_harness.paths import IMPORT_ROOT
from scicat_harness.processes.child import Child, inherited_environment
from scicat_harness.processes.children import Children

__all__ = ["BrokerService", "module_environment"]

_START_DEADLINE = 20.0
_FIRST_DELAY = 0.01
_LONGEST_DELAY = 0.25


@dataclass(frozen=True, slots=True)
class BrokerService:
    """A running ``python -m scicat_harness.broker`` with its AMQP port and control port.

    ``port`` is that of the broker itself, also where the child has proxies alone.
    """

    child: Child
    port: int
    control: BrokerControl

    @classmethod
    def start(
        cls,
        name: str,
        folder: Path,
        children: Children,
        *,
        target: tuple[str, int] | None = None,
        port: int = 0,
        host: str = "127.0.0.1",
    ) -> BrokerService:
        """Start a child and return it once it is ready.

        Without ``target`` it is a broker; with one it has only proxies to it, which listen at
        ``host``. Raises EnvironmentFault when it ends, DeadlineExceeded after 20 s.
        """
        folder.mkdir(parents=True, exist_ok=True)
        stem = name.replace(" ", "-")
        ready = folder / f"{stem}.ready"
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "scicat_harness.broker", "--exit-with-stdin"]
        command += ["--ready", str(ready.resolve()), "--port", str(port), "--host", host]
        if target is not None:
            command += ["--target", f"{target[0]}:{target[1]}"]
        child = children.start(
            lambda: Child.start(
                f"the {name}",
                command,
                env=module_environment(),
                cwd=folder,
                log=folder / f"{stem}.log",
            )
        )
        ports = _wait(ready, child)
        return cls(child, ports["amqp"], BrokerControl(ports["control"]))


def module_environment() -> dict[str, str]:
    """Return the variables for a child that runs a module of this package, installed or not."""
    root = str(IMPORT_ROOT)
    return {**inherited_environment(), "PYTHONPATH": root, "PYTHONUNBUFFERED": "1"}


def _wait(ready: Path, child: Child) -> dict[str, int]:
    # The child renames the file into place: once it exists it is complete.
    give_up = time.monotonic() + _START_DEADLINE
    delay = _FIRST_DELAY
    while not ready.exists():
        if child.ended.wait(delay):
            raise child.died()
        if time.monotonic() >= give_up:
            child.stop()
            raise DeadlineExceeded(
                f"{child.name} was not ready within {_START_DEADLINE:g} s; its last lines were:\n"
                f"{child.last_lines()}"
            )
        delay = min(delay * 2, _LONGEST_DELAY)
    ports: dict[str, int] = json.loads(ready.read_text(encoding="utf-8"))
    return ports
