"""Schemas that are made of others: alternatives, conditions, and names that ask for names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

__all__ = ["alternatives", "asked_for_by", "combined"]

_COMBINING = frozenset({"anyOf", "oneOf", "allOf", "if", "then", "else"})


def alternatives(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the schemas that this one has to be combined with, alone and combined with it."""
    rest = {name: each for name, each in schema.items() if name not in _COMBINING}
    branches: list[Any] = [
        each for name in ("anyOf", "oneOf", "allOf") for each in schema.get(name) or ()
    ]
    together = [each for each in schema.get("allOf") or () if isinstance(each, Mapping)]
    if len(together) > 1:
        branches.append(reduce(combined, together))
    for name in ("dependencies", "dependentSchemas"):
        if isinstance(schema.get(name), Mapping):
            branches += schema[name].values()
            # Lists of names are not schemas (asked_for_by); once combined, the others are met.
            lists = {key: each for key, each in schema[name].items() if isinstance(each, list)}
            rest[name] = lists
    condition = schema.get("if")
    if isinstance(condition, Mapping):
        then = schema.get("then")
        branches.append(combined(condition, then if isinstance(then, Mapping) else {}))
        branches.append(schema.get("else"))
    for each in branches:
        if isinstance(each, Mapping):
            yield each
            if rest:
                yield combined(rest, each)


def asked_for_by(names: Sequence[str], schema: Mapping[str, Any]) -> list[str]:
    """Return further names that these ask for (``dependencies`` with lists of names)."""
    asking = {**(schema.get("dependentRequired") or {}), **(schema.get("dependencies") or {})}
    found = list(names)
    # The list grows while it is read: a name that is asked for may ask for others.
    for name in found:
        wanted = asking.get(name)
        found += [each for each in wanted if each not in found] if isinstance(wanted, list) else []
    return found[len(names) :]


def combined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema with the keywords of both, whose properties and requirements are united."""
    made = {**one, **other}
    properties, required = (
        [each[name] for each in (one, other) if isinstance(each.get(name), kind)]
        for name, kind in (("properties", Mapping), ("required", list))
    )
    if properties:
        made["properties"] = {name: each for found in properties for name, each in found.items()}
    if required:
        made["required"] = list(dict.fromkeys(name for found in required for name in found))
    return made
