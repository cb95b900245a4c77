"""The embedded deployment: the embedded backend in processes of its own, on free loopback ports."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from scicat_harness.deploy.host import LOOPBACK
from scicat_harness.deploy.launch import Launched, Launches, Launching
from scicat_harness.paths import IMPORT_ROOT
from scicat_harness.processes.child import Child, inherited_environment
from scicat_harness.processes.children import Children
from scicat_harness.processes.sockets import listening_socket

__all__ = ["EmbeddedDeployment", "child_environment", "of_embedded"]

BACKEND_ENVIRONMENT = "SCICAT_EMBEDDED_ENVIRONMENT"
"""The same name as in ``scicat_harness.embedded.__main__``: neither module imports the other."""
NODE_MODULES = "SCICAT_HARNESS_NODE_MODULES"
"""The same name as in ``scicat_harness.javascript.library``, which only the child uses."""
_CACHE = "XDG_CACHE_HOME"
_START_DEADLINE = 20.0


class EmbeddedDeployment(Launching):
    """Starts the embedded backend.

    ``defect`` is an id of its sabotage catalogue, ``node_modules`` a folder with the JavaScript
    libraries for constructs that it does not do itself; None leaves the search to it.
    """

    name = "embedded"
    host = LOOPBACK

    def __init__(
        self, folder: Path, *, defect: str | None = None, node_modules: Path | None = None
    ) -> None:
        self._folder = folder
        self._libraries = {NODE_MODULES: str(node_modules)} if node_modules is not None else {}
        self._defect = defect
        self._children = Children()
        self._launches = Launches(folder, self._launch, _START_DEADLINE)

    def close(self) -> None:
        """End all backends; safe to call twice."""
        self._children.close()

    def _launch(self, folder: Path, environment: Mapping[str, str], data: str) -> Launched:
        command = [sys.executable, "-m", "scicat_harness.embedded", "--exit-with-stdin"]
        command += ["--data", str(self._folder / f"{data}.data")]
        if self._defect is not None:
            command += ["--defect", self._defect]
        # The child inherits a socket that listens already: the port cannot be taken in between.
        with listening_socket() as listener:
            descriptor = listener.fileno()
            child = self._children.start(
                lambda: Child.start(
                    "the embedded backend",
                    [*command, "--fd", str(descriptor)],
                    env={**child_environment(), **self._libraries, **_wrapped(environment)},
                    cwd=folder,
                    log=folder / "backend.log",
                    pass_fds=[descriptor],
                )
            )
            port = listener.getsockname()[1]
        return Launched(child, f"http://127.0.0.1:{port}", environment=environment)


def of_embedded(defect: str | None) -> list[str]:
    """Return the command of the loader of the embedded backend (``deploy.loader``)."""
    command = [sys.executable, "-m", "scicat_harness.embedded.loader"]
    return command if defect is None else [*command, "--defect", defect]


def child_environment() -> dict[str, str]:
    """Return the environment in which Python finds this package and the JavaScript libraries."""
    return {**inherited_environment(), **_import_path(), **_of_javascript()}


def _wrapped(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the backend's environment as one variable.

    Templates can show the whole environment; they must not see what Python needs to run.
    """
    return {BACKEND_ENVIRONMENT: json.dumps(dict(environment))}


def _of_javascript() -> dict[str, str]:
    """Return the variables by which the child finds the JavaScript libraries of this user."""
    return {name: os.environ[name] for name in (NODE_MODULES, _CACHE) if name in os.environ}


def _import_path() -> dict[str, str]:
    """Return the variables by which the child finds this package, installed or not, and plugins."""
    path = str(IMPORT_ROOT)
    given = os.environ.get("PYTHONPATH")
    path = f"{path}{os.pathsep}{given}" if given else path
    # Unbuffered: the last lines of a backend that is killed must be in its log.
    return {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
