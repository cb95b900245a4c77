"""Start a broker child and wait until it is ready."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.broker.control import BrokerControl
from scicat_harness.processes.child import Child, module_environment
from scicat_harness.processes.children import Children
from scicat_harness.processes.ready import read_when_ready

__all__ = ["BrokerService"]

_START_DEADLINE = 20.0


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
        ports = read_when_ready(ready, child, _START_DEADLINE)
        return cls(child, ports["amqp"], BrokerControl(ports["control"]))
