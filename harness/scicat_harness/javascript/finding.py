"""The search for Node and the libraries on this machine."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.command import run_command
from scicat_harness.errors import EnvironmentFault
from scicat_harness.javascript.engine import DEADLINE, JavaScriptEngine
from scicat_harness.javascript.environment import node_environment
from scicat_harness.javascript.library import INSTALL_NODE, NODE_MODULES, OF_THE_BACKEND
from scicat_harness.javascript.node import find_node

__all__ = ["Missing", "find_engine"]

# Required by jsonpath-plus and mathjs of the lock file.
_OLDEST_NODE = 18
_HELPERS = Path("dist", "common", "handlebars-helpers.js")
"""The helpers in a build of the backend."""
_FIX = "run 'scicat-harness javascript'"


@dataclass(frozen=True, slots=True)
class Missing:
    """No engine was found; ``reason`` is a sentence for the user, with the fix.

    ``installable`` says that Node is there and only our own copy of the libraries is missing.
    """

    reason: str
    installable: bool = False


def find_engine(
    node_modules: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    *,
    deadline: float = DEADLINE,
) -> JavaScriptEngine | Missing:
    """Return an engine, or Missing with the reason.

    The libraries are those of ``node_modules``, else of the folder in SCICAT_HARNESS_NODE_MODULES,
    else those that ``scicat-harness javascript`` installed. Node must be version 18 or newer. If
    the folder is that of a build, its template helpers are used as well.
    """
    node = _node(environment)
    if isinstance(node, Missing):
        return node
    libraries = _libraries(node_modules, environment)
    if isinstance(libraries, Missing):
        return libraries
    helpers = libraries.parent / _HELPERS
    return JavaScriptEngine(
        node, libraries, helpers=helpers if helpers.is_file() else None, deadline=deadline
    )


def _node(environment: Mapping[str, str]) -> Path | Missing:
    found = find_node(environment)
    if found is None:
        return Missing(f"there is no Node; {INSTALL_NODE}")
    try:
        version = run_command(
            [str(found), "--version"], seconds=DEADLINE, env=node_environment(environment)
        ).output.strip()
    except EnvironmentFault as error:
        return Missing(f"{found} cannot be run ({error})")
    major = re.match(r"v(\d+)\.", version)
    if major is None:
        return Missing(f"{found} --version printed {version!r} instead of a version")
    if int(major[1]) < _OLDEST_NODE:
        return Missing(f"{found} is {version}; install Node {_OLDEST_NODE} or newer")
    return found


def _libraries(given: Path | None, environment: Mapping[str, str]) -> Path | Missing:
    named = given or (Path(environment[NODE_MODULES]) if environment.get(NODE_MODULES) else None)
    folder = named or OF_THE_BACKEND.cache_folder(environment) / "node_modules"
    absent = OF_THE_BACKEND.lacking(folder)
    if not absent:
        return folder
    # A folder that the user named is never replaced by another one.
    if named is not None:
        return Missing(f"{named} does not have {', '.join(absent)}")
    reason = f"the JavaScript libraries are not installed; {_FIX}, or set {NODE_MODULES}"
    return Missing(reason, installable=True)
