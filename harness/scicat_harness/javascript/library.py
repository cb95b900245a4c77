"""The JavaScript libraries on disk: their names, their folder, and their installation."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.command import run_command
from scicat_harness.errors import EnvironmentFault
from scicat_harness.javascript.environment import npm_environment
from scicat_harness.javascript.node import find_npm

__all__ = ["INSTALL_NODE", "NODE_MODULES", "OF_THE_BACKEND", "PinnedLibraries"]

NODE_MODULES = "SCICAT_HARNESS_NODE_MODULES"
"""The environment variable with the path of a ``node_modules`` folder."""
INSTALL_NODE = "run pip install 'scicat-harness[javascript]', or install Node 18 or newer with npm"
"""The advice of messages about a missing Node."""
_LISTS = ("package.json", "package-lock.json")
_SECONDS = 600
"""Deadline of npm, which may have a slow registry."""


@dataclass(frozen=True, slots=True)
class PinnedLibraries:
    """Libraries in the versions of ``package-lock.json`` in the folder ``lists``.

    ``name`` begins the name of their folder in the cache; ``names`` are the libraries themselves.
    """

    name: str
    names: tuple[str, ...]
    lists: Path

    def cache_folder(self, environment: Mapping[str, str] = os.environ) -> Path:
        """Return the folder of our own copy, below the cache folder of the user.

        Its name contains a digest of the lock file, so that other versions get another folder.
        """
        base = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        digest = hashlib.sha256((self.lists / "package-lock.json").read_bytes()).hexdigest()[:12]
        return Path(base) / "scicat-harness" / f"{self.name}-{digest}"

    def lacking(self, node_modules: Path) -> list[str]:
        """Return the names of the libraries that a ``node_modules`` folder does not have."""
        return [each for each in self.names if not (node_modules / each / "package.json").is_file()]

    def install(self, folder: Path) -> Path:
        """Install the libraries into a folder by npm, and return its ``node_modules``.

        The folder gets all of them or is left as it was. Install scripts of the libraries are not
        run. Raises EnvironmentFault if npm is missing or fails, or if the folder cannot be written.
        """
        npm = find_npm()
        if npm is None:
            raise EnvironmentFault(f"there is no npm; {INSTALL_NODE}")
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            # Beside the final folder, so that it can be renamed at once.
            with tempfile.TemporaryDirectory(prefix=f"{self.name}-", dir=folder.parent) as made:
                fresh = Path(made) / "fresh"
                fresh.mkdir()
                for name in _LISTS:
                    shutil.copyfile(self.lists / name, fresh / name)
                _run_npm(npm, fresh)
                self._move(fresh, folder)
        except OSError as error:
            raise EnvironmentFault(f"{folder}: cannot be written ({error.strerror})") from None
        return folder / "node_modules"

    def _move(self, fresh: Path, folder: Path) -> None:
        try:
            fresh.rename(folder)
        except OSError:
            # Another process may have installed the same versions meanwhile: that copy is used.
            if self.lacking(folder / "node_modules"):
                # An incomplete copy, perhaps of an interrupted removal.
                shutil.rmtree(folder)
                fresh.rename(folder)


OF_THE_BACKEND = PinnedLibraries(
    "javascript",
    ("ajv", "handlebars", "js-yaml", "jsonpath-plus", "mathjs"),
    Path(__file__).parent,
)
"""The libraries that decide what a job configuration means."""


def _run_npm(npm: Sequence[str], folder: Path) -> None:
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # npm starts processes of its own, which hold its output open: subprocess.run would wait.
    done = run_command(command, seconds=_SECONDS, env=npm_environment(), cwd=folder)
    if done.code != 0:
        lines = (done.errors or done.output).strip().splitlines()[-5:]
        raise EnvironmentFault("npm ci failed: " + " / ".join(lines))
