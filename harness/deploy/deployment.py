"""Deployments: what a run needs of a backend, however it came to be running."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.config.startup import Secrets
from harness.model.site import Site

__all__ = ["Backend", "Deployment", "Reconfigurable"]


@dataclass(frozen=True, slots=True)
class Backend:
    """A running backend as plain data that can be handed to another process.

    ``log`` is the file its output goes to, where we can see it; ``owned`` tells whether this run
    started it and may leave data behind in it.
    """

    base_url: str
    secrets: Secrets = field(repr=False)
    owned: bool
    log: Path | None = None
    tokens: dict[str, str] = field(default_factory=dict, repr=False)


class Deployment(Protocol):
    """Starts backends for sites and ends them all; closing is idempotent."""

    name: str

    def start(self, site: Site) -> Backend:
        """A healthy backend for this site, or an EnvironmentFault."""

    def close(self) -> None:
        """End everything that was started."""


class Reconfigurable(Protocol):
    """Ability: a second backend with another job configuration can be started beside the first."""

    def start_beside(self, site: Site) -> Backend:
        """A healthy backend for another site, or an EnvironmentFault."""
