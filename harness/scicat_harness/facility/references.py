"""References in JSON schemas, replaced by what they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scicat_harness.oracle.work import spend

__all__ = ["RECURSIVE", "inlined"]

RECURSIVE = "x-recursive"
"""The only key of a schema that stands for one around it."""

_DEFINING = ("definitions", "$defs")
_DEEPEST = 20
"""Most references inside each other."""


def inlined(schema: Any) -> Any:
    """Return a schema with what its references lead to in their place.

    A part of it can be used by itself then. References that lead nowhere stay, and where a schema
    contains itself, ``RECURSIVE`` stands instead of it.
    """
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    return _inlined(schema, schema, ())


def _inlined(node: Any, root: Any, inside: tuple[str, ...]) -> Any:
    spend()
    if isinstance(node, list):
        return [_inlined(each, root, inside) for each in node]
    if not isinstance(node, Mapping):
        return node
    made = {key: _inlined(each, root, inside) for key, each in node.items() if key not in _DEFINING}
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return made
    if reference in inside or len(inside) >= _DEEPEST:
        return {RECURSIVE: True}
    target = _target(reference, root)
    if target is None:
        return made
    del made["$ref"]
    found = _inlined(target, root, (*inside, reference))
    # Ajv applies both the reference and what stands beside it.
    return {**made, "allOf": [*made.get("allOf", ()), found]} if made else found


def _target(reference: str, root: Any) -> Any:
    node = root
    for part in reference.removeprefix("#").split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        node = node.get(name) if isinstance(node, Mapping) else None
    return node if reference.startswith("#/") else None
