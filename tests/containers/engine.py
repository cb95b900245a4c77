"""What a test of containers has at hand: options for a run, and a look into the engine."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.models.containers import Container

from scicat_harness.deploy.engine import ContainerEngine

from ..plugin.runs import GONE, Ending, events, started, wait_for

__all__ = ["Ended", "Given"]


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that has ended: its process, exit code and output."""

    process: int
    code: int
    output: str


@dataclass(frozen=True, slots=True)
class Given:
    """An engine, a folder, and images that are here."""

    engine: ContainerEngine
    folder: Path
    backend: str
    rabbitmq: str
    mongo: str = "none"

    @property
    def report(self) -> Path:
        """Where a run reports."""
        return self.folder / "report"

    def arguments(self, *more: str) -> tuple[str, ...]:
        """A run on containers of these images."""
        elsewhere = any(each.startswith("--broker") for each in more)
        return (
            *("run", "--deployment=containers", "--profile=smoke", "--report-dir=report"),
            *(f"--backend-image={self.backend}", f"--mongo-image={self.mongo}"),
            *(() if elsewhere else (f"--rabbitmq-image={self.rabbitmq}",)),
            *more,
        )

    def finish(self, end: Ending, *more: str) -> Ended:
        """A run that is ended so once its backends are up, or ends by itself before."""
        (self.report / "events.jsonl").unlink(missing_ok=True)
        with started(*self.arguments(*more), cwd=self.folder) as run:
            wait_for(run, lambda: bool(events(self.report, "started")))
            kinds = {each.split()[0] for each in self.left_by(run.pid)}
            assert kinds == {"container", "network", "volume"}
            end(run)
            return _ended(run)

    def fail(self, *more: str) -> Ended:
        """A run that cannot start."""
        with started(*self.arguments(*more), cwd=self.folder) as run:
            return _ended(run)

    def left_by(self, process: int) -> list[str]:
        """What is in the engine of a process: kind and name of each."""
        selected: dict[str, Any] = {"label": f"scicat-harness.process={process}"}
        client = self.engine.client
        return [
            *(f"container {each.name}" for each in self._containers(selected)),
            *(f"network {each.name}" for each in client.networks.list(filters=selected)),
            *(f"volume {each.name}" for each in client.volumes.list(filters=selected)),
        ]

    def rabbitmq_of(self, process: int) -> Container:
        """The RabbitMQ of a process."""
        found = self._containers({"label": f"scicat-harness.process={process}"})
        (rabbitmq,) = (each for each in found if "RABBITMQ_DEFAULT_PASS" in _variables(each))
        return rabbitmq

    def _containers(self, selected: dict[str, Any]) -> list[Container]:
        # One that is being removed may be gone before it is looked at.
        found = self.engine.client.containers
        return found.list(all=True, filters=selected, ignore_removed=True)

    def folders(self) -> list[str]:
        """Folders of runs."""
        runs = Path(os.environ["XDG_STATE_HOME"]) / "scicat-harness" / "runs"
        return [each.name for each in runs.glob("*")]


def _variables(container: Container) -> dict[str, str]:
    given = container.attrs["Config"]["Env"] or []
    return dict(each.partition("=")[::2] for each in given)


def _ended(run: subprocess.Popen[str]) -> Ended:
    output, _ = run.communicate(timeout=4 * GONE)
    return Ended(run.pid, run.returncode, output)
