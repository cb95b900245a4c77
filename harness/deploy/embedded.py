"""The embedded deployment: our own backend in a process of its own, on a free loopback port."""

from __future__ import annotations

import sys
from pathlib import Path

from harness.config.startup import Secrets, write_startup
from harness.deploy.child import Child, inherited_environment
from harness.deploy.children import Children
from harness.deploy.deployment import Backend
from harness.deploy.readiness import wait_healthy
from harness.deploy.sockets import listening_socket
from harness.model.site import Site

__all__ = ["EmbeddedDeployment"]

_START_DEADLINE = 20.0


class EmbeddedDeployment:
    """Starts ``python -m harness.embedded``; ``defect`` is an id of its sabotage catalogue."""

    name = "embedded"

    def __init__(self, folder: Path, *, defect: str | None = None) -> None:
        self._folder = folder
        self._defect = defect
        self._children = Children()

    def start(self, site: Site) -> Backend:
        """Start one for a site; its state is in memory and ends with it."""
        folder = self._folder / site.name
        secrets = Secrets.fresh(site)
        startup = write_startup(site, secrets, folder)
        command = [sys.executable, "-m", "harness.embedded", "--exit-with-stdin"]
        if self._defect is not None:
            command += ["--defect", self._defect]
        with listening_socket() as listener:
            descriptor = listener.fileno()
            child = self._children.start(
                lambda: Child.start(
                    "the embedded backend",
                    [*command, "--fd", str(descriptor)],
                    env={**inherited_environment(), **startup.environment, **_import_path()},
                    cwd=folder,
                    log=folder / "backend.log",
                    pass_fds=[descriptor],
                )
            )
            port = listener.getsockname()[1]
        base_url = f"http://127.0.0.1:{port}"
        wait_healthy(base_url, deadline=_START_DEADLINE, child=child)
        return Backend(base_url, secrets, owned=True, log=child.log)

    start_beside = start

    def close(self) -> None:
        """End every backend."""
        self._children.close()


def _import_path() -> dict[str, str]:
    """Where the child finds this package, which may be neither installed nor in its folder."""
    here = str(Path(__file__).parents[2])
    return {"PYTHONPATH": here, "PYTHONUNBUFFERED": "1"}
