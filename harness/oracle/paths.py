"""Paths and schemas: what a JSONPath selects, and whether it satisfies a schema.

Sources: RFC 9535 for the paths; JSON Schema draft 7, with the keyword ``nullable`` of OpenAPI;
observed v5.2.1 for filters that look into nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from jsonpath import JSONPathError, findall
from jsonschema import Draft7Validator

from harness.oracle.javascript import UNDEFINED

__all__ = ["distinct", "filter_fails", "first_wrong", "satisfies", "select"]

_FILTER = re.compile(r"^(?P<list>.+?)\[\?\(@\.(?P<asked>[\w.]+)")


def select(path: str, root: object) -> list[object]:
    """The values at a path, which may leave out the root."""
    try:
        return list(findall(path if path.startswith("$") else f"$.{path}", root))  # type: ignore[arg-type]
    except JSONPathError as error:
        raise AssertionError(f"path {path!r} of a configuration of ours: {error}") from None


def distinct(values: list[object]) -> list[object]:
    """The values without repetitions; lists and objects are all distinct, as in JavaScript."""
    found: list[object] = []
    for value in values:
        scalar = not isinstance(value, list | dict)
        if not scalar or not any(value == each and type(value) is type(each) for each in found):
            found.append(value)
    return found


def satisfies(value: object, schema: Mapping[str, Any]) -> bool:
    """Whether a value satisfies a schema."""
    plain = None if value is UNDEFINED else value
    satisfied: bool = Draft7Validator(_without_nullable(schema)).is_valid(plain)
    return satisfied


def first_wrong(
    looked_at: Iterable[tuple[str, Mapping[str, Any], object]],
) -> tuple[str | None, str | None]:
    """The first path that is missing, or the first with a wrong value; only one of them is set."""
    for path, schema, root in looked_at:
        found = select(path, root)
        if not found:
            return path, None
        if not all(satisfies(value, schema) for value in found):
            return None, path
    return None, None


def filter_fails(path: str, root: object) -> bool:
    """Whether a filter of the path asks null, or what is not there, for a property.

    In JavaScript that is an error, not a filter that does not match.
    """
    filtered = _FILTER.match(path)
    if filtered is None:
        return False
    asked = filtered["asked"].split(".")
    return any(_fails(item, asked) for item in select(f"{filtered['list']}[*]", root))


def _fails(item: object, asked: list[str]) -> bool:
    for name in asked:
        if item is None or item is UNDEFINED:
            return True
        item = item.get(name, UNDEFINED) if isinstance(item, dict) else UNDEFINED
    return False


def _without_nullable(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema in the words of draft 7."""
    if not schema.get("nullable"):
        return schema
    return {"anyOf": [{"type": "null"}, schema]}
