"""The libraries on disk: what is asked for, where it is kept, and how it gets there."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from scicat_harness.command import run_command
from scicat_harness.errors import EnvironmentFault
from scicat_harness.javascript.environment import npm_environment

__all__ = ["NAMES", "NODE_MODULES", "cache_folder", "install", "lacking"]

NODE_MODULES = "SCICAT_HARNESS_NODE_MODULES"
"""The variable that names a folder with the libraries."""
NAMES = ("ajv", "handlebars", "js-yaml", "jsonpath-plus", "mathjs")
_HERE = Path(__file__).parent
_LISTS = ("package.json", "package-lock.json")
_SECONDS = 600


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where our own copy is kept: another folder for every list of versions."""
    base = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    digest = hashlib.sha256((_HERE / "package-lock.json").read_bytes()).hexdigest()[:12]
    return Path(base) / "scicat-harness" / f"javascript-{digest}"


def lacking(node_modules: Path) -> list[str]:
    """Which libraries a folder does not have."""
    return [name for name in NAMES if not (node_modules / name / "package.json").is_file()]


def install(folder: Path) -> Path:
    """Have npm put the libraries into a folder, all of them or none; its ``node_modules``.

    Raises EnvironmentFault. Nothing of the libraries is run: install scripts are left out.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise EnvironmentFault("there is no npm on the PATH; install Node 18 or newer with npm")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="javascript-", dir=folder.parent) as made:
            fresh = Path(made) / "fresh"
            fresh.mkdir()
            for name in _LISTS:
                shutil.copyfile(_HERE / name, fresh / name)
            _run_npm(npm, fresh)
            _move(fresh, folder)
    except OSError as error:
        raise EnvironmentFault(f"{folder}: cannot be written ({error.strerror})") from None
    return folder / "node_modules"


def _run_npm(npm: str, folder: Path) -> None:
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # npm starts processes of its own, which hold its output open.
    done = run_command(command, seconds=_SECONDS, env=npm_environment(), cwd=folder)
    if done.code != 0:
        said = (done.errors or done.output).strip().splitlines()[-5:]
        raise EnvironmentFault("npm ci failed: " + " / ".join(said))


def _move(fresh: Path, folder: Path) -> None:
    try:
        fresh.rename(folder)
    except OSError:
        if lacking(folder / "node_modules"):
            # Somebody's half a copy, perhaps of an interrupted removal.
            shutil.rmtree(folder)
            fresh.rename(folder)
