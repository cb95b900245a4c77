"""What a test of containers has at hand: options for a run, and a look into the engine."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.deploy.engine import Engine

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

    engine: Engine
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
        return (
            *("run", "--deployment=containers", "--profile=smoke", "--report-dir=report"),
            *(f"--backend-image={self.backend}", f"--mongo-image={self.mongo}"),
            *(f"--rabbitmq-image={self.rabbitmq}", *more),
        )

    def finish(self, end: Ending, *more: str) -> Ended:
        """A run that is ended so once its backends are up, or ends by itself before."""
        (self.report / "events.jsonl").unlink(missing_ok=True)
        with started(*self.arguments(*more), cwd=self.folder) as run:
            wait_for(run, lambda: bool(events(self.report, "started")))
            assert {each.split()[0] for each in self.left_by(run.pid)} == set(_KINDS)
            end(run)
            return _ended(run)

    def fail(self, *more: str) -> Ended:
        """A run that cannot start."""
        with started(*self.arguments(*more), cwd=self.folder) as run:
            return _ended(run)

    def left_by(self, process: int) -> list[str]:
        """What is in the engine of a process: kind and name of each."""
        selected = {"label": f"scicat-harness.process={process}"}
        client = self.engine.client
        found = (
            client.containers.list(all=True, filters=selected),
            client.networks.list(filters=selected),
            client.volumes.list(filters=selected),
        )
        return [
            f"{kind} {each.name}"
            for kind, things in zip(_KINDS, found, strict=True)
            for each in things
        ]

    def folders(self) -> list[str]:
        """Temporary folders of runs."""
        return [each.name for each in (self.folder / "tmp").glob("scicat-harness-*")]


_KINDS = ("container", "network", "volume")


def _ended(run: subprocess.Popen[str]) -> Ended:
    output, _ = run.communicate(timeout=4 * GONE)
    return Ended(run.pid, run.returncode, output)
