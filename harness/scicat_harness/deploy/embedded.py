"""The embedded deployment: our own backend in a process of its own, on a free loopback port."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from scicat_harness.deploy.child import Child, inherited_environment
from scicat_harness.deploy.children import Children
from scicat_harness.deploy.host import LOOPBACK
from scicat_harness.deploy.launch import Launched, Launches, Launching
from scicat_harness.deploy.sockets import listening_socket
from scicat_harness.paths import IMPORT_ROOT

__all__ = ["EmbeddedDeployment"]

BACKEND_ENVIRONMENT = "SCICAT_EMBEDDED_ENVIRONMENT"
"""As in ``scicat_harness.embedded.__main__``, which imports nothing of ours."""
_START_DEADLINE = 20.0


class EmbeddedDeployment(Launching):
    """Starts the embedded backend; ``defect`` is an id of its sabotage catalogue."""

    name = "embedded"
    host = LOOPBACK

    def __init__(self, folder: Path, *, defect: str | None = None) -> None:
        self._folder = folder
        self._defect = defect
        self._children = Children()
        self._launches = Launches(folder, self._launch, _START_DEADLINE)

    def close(self) -> None:
        """End every backend."""
        self._children.close()

    def _launch(self, folder: Path, environment: Mapping[str, str], data: str) -> Launched:
        command = [sys.executable, "-m", "scicat_harness.embedded", "--exit-with-stdin"]
        command += ["--data", str(self._folder / f"{data}.data")]
        if self._defect is not None:
            command += ["--defect", self._defect]
        with listening_socket() as listener:
            descriptor = listener.fileno()
            child = self._children.start(
                lambda: Child.start(
                    "the embedded backend",
                    [*command, "--fd", str(descriptor)],
                    env={**inherited_environment(), **_import_path(), **_seen(environment)},
                    cwd=folder,
                    log=folder / "backend.log",
                    pass_fds=[descriptor],
                )
            )
            port = listener.getsockname()[1]
        return Launched(child, f"http://127.0.0.1:{port}")


def _seen(environment: Mapping[str, str]) -> dict[str, str]:
    """What templates see, apart from what its Python needs of ours to run."""
    return {BACKEND_ENVIRONMENT: json.dumps(dict(environment))}


def _import_path() -> dict[str, str]:
    """Where the child finds this package, which need not be installed; and plugins."""
    here = str(IMPORT_ROOT)
    given = os.environ.get("PYTHONPATH")
    here = f"{here}{os.pathsep}{given}" if given else here
    return {"PYTHONPATH": here, "PYTHONUNBUFFERED": "1"}
