"""The environment of a backend in a compose file, or in the values of a Helm chart.

Compose: the service whose name or image has ``backend`` in it, else the only one, with
``environment`` and ``env_file``. Helm: ``env``, ``extraEnv`` and the like, at the top or below a
key that has ``backend`` in it. A value that only the cluster has, such as that of a secret, becomes
``stand-in-for-NAME``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scicat_harness.dotenv import variables
from scicat_harness.errors import UsageFault
from scicat_harness.lint.document import read_text
from scicat_harness.lint.nodes import Node, ShapeError, compose

__all__ = ["DeployedVariable", "deployed_variables", "is_deployment"]

_SUFFIXES = (".yaml", ".yml")
_LISTS = ("env", "envVars", "environment", "extraEnv", "extraEnvs", "extraEnvVars")
_BACKEND = "backend"
# ${NAME}, ${NAME:-default}, ${NAME-default}; $$ is a dollar sign.
_SUBSTITUTED = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}|\$\$")
_OF_VALUES = re.compile(r"\{\{-?\s*\.Values\.([\w.]+)\s*-?\}\}")


@dataclass(frozen=True, slots=True)
class DeployedVariable:
    """A variable, its value, and the line on which it stands; 0 if that is in another file."""

    name: str
    value: str
    line: int


def is_deployment(file: Path) -> bool:
    """Return whether a file is YAML by its name, so no list of ``NAME=value`` lines."""
    return file.suffix.lower() in _SUFFIXES


def deployed_variables(file: Path, text: str) -> list[DeployedVariable]:
    """Return the variables of the backend in a compose file or in Helm values.

    Raises UsageFault for a file that is not YAML or has none, and if several services may be meant.
    """
    try:
        root = compose(text)
    except ShapeError as error:
        raise UsageFault(f"{file}:{error.line}: not valid YAML ({error.reason})") from None
    services = root.child("services") if root.kind == "map" else None
    if services is not None and services.kind == "map":
        return list(_of_compose(file, services))
    values = _plain(root)
    found = [each for place in _places(root) for each in _listed(place, values)]
    if not found:
        raise UsageFault(
            f"{file}: has neither 'services' (compose) nor 'env' (Helm values) with variables; "
            "give the environment of the backend"
        )
    return found


def _of_compose(file: Path, services: Node) -> Iterator[DeployedVariable]:
    service = _service(file, services)
    for name in _files(service.child("env_file"), file.parent):
        path = file.parent / name
        # Beneath the service's own variables, so they come first.
        for each in variables(read_text(path, "a file of NAME=value lines")):
            yield DeployedVariable(each.name, each.value, 0)
    own = service.child("environment")
    for name, value, line in _pairs(own) if own is not None else ():
        yield DeployedVariable(name, _substituted(name, value), line)


def _service(file: Path, services: Node) -> Node:
    named = {str(key.data()): value for key, value in services.entries}
    chosen = [
        each
        for name, each in named.items()
        if _BACKEND in name or _BACKEND in str(_value(each.child("image")) or "")
    ]
    if len(chosen) == 1 or len(named) == 1:
        return (chosen or list(named.values()))[0]
    found = ", ".join(named)
    raise UsageFault(
        f"{file}: services: it is not clear which one is the backend ({found}); give its env file"
    )


def _files(node: Node | None, folder: Path) -> list[str]:
    data = _plain(node) if node is not None else []
    entries = data if isinstance(data, list) else [data]
    paths = [each.get("path") if isinstance(each, dict) else each for each in entries]
    optional = {
        each.get("path")
        for each in entries
        if isinstance(each, dict) and each.get("required") is False
    }
    paths = [each for each in paths if each not in optional or (folder / str(each)).exists()]
    return [each for each in paths if isinstance(each, str)]


def _places(root: Node, *, deep: bool = True) -> Iterator[Node]:
    """Yield the lists of variables at the top, and below keys about the backend."""
    for key, value in root.entries:
        name = str(key.data())
        if name in _LISTS:
            yield value
        elif deep and _BACKEND in name.lower() and value.kind == "map":
            yield from _places(value)


def _listed(node: Node, values: Any) -> Iterator[DeployedVariable]:
    for name, value, line in _pairs(node):
        yield DeployedVariable(name, _templated(name, value, values), line)


def _pairs(node: Node) -> Iterator[tuple[str, object, int]]:
    """Yield name, value and line of a map, of ``NAME=value`` texts, or of ``{name, value}``."""
    for key, value in node.entries:
        yield str(key.data()), _value(value), key.line
    for item in node.items:
        if item.kind == "map":
            named = item.child("name")
            if named is not None:
                yield str(named.data()), _value(item.child("value")), item.line
        else:
            name, sign, text = str(item.data()).partition("=")
            yield name, text if sign else None, item.line


def _value(node: Node | None) -> object:
    return _plain(node) if node is not None and node.kind == "scalar" else None


def _plain(node: Node) -> Any:
    try:
        return node.data()
    except ShapeError:
        return None


def _text(name: str, value: object) -> str:
    # A value from elsewhere: a secret of the cluster, or of the shell that starts compose.
    if value is None:
        return f"stand-in-for-{name.lower()}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _substituted(name: str, value: object) -> str:
    def replaced(found: re.Match[str]) -> str:
        if found[1] is None:
            return "$"
        return found[2] if found[2] is not None else f"stand-in-for-{found[1].lower()}"

    return _SUBSTITUTED.sub(replaced, _text(name, value))


def _templated(name: str, value: object, values: Any) -> str:
    def replaced(found: re.Match[str]) -> str:
        at = values
        for part in found[1].split("."):
            at = at.get(part) if isinstance(at, dict) else None
        return _text(name, at if not isinstance(at, dict | list) else None)

    return _OF_VALUES.sub(replaced, _text(name, value))
