"""The schema of the whole file, checked like the backend's Ajv: up to the first mistake.

Written out by hand, so that it needs no Node; specification: configuration.file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.words import as_json

__all__ = ["ShapeMistake", "first_mistake"]


@dataclass(frozen=True, slots=True)
class ShapeMistake:
    """An error of Ajv, and the path of the value that it is about.

    ``schema`` points to the schema that the value does not satisfy, such as ``#/properties/jobs``.
    """

    path: KeyPath
    keyword: str
    wanted: str
    """The required type, or the missing property."""
    schema: str

    @property
    def message(self) -> str:
        """The message of Ajv."""
        if self.keyword == "required":
            return f"must have required property '{self.wanted}'"
        return f"must be {self.wanted}"

    def as_json(self) -> str:
        """Return the list of errors as the backend prints it: JSON, indented by two blanks."""
        name = "missingProperty" if self.keyword == "required" else "type"
        # The keys are in Ajv's order, as the message is compared as a text.
        error = {
            "instancePath": "".join(f"/{_escaped(part)}" for part in self.path),
            "schemaPath": f"{self.schema}/{self.keyword}",
            "keyword": self.keyword,
            "params": {name: self.wanted},
            "message": self.message,
        }
        return as_json([error], 2)


Found = Iterator[ShapeMistake]
_Check = Callable[[Any, KeyPath, str], Found]


def first_mistake(document: Any) -> ShapeMistake | None:
    """Return the first mistake in a parsed file, or None.

    Ajv stops at its first error unless it is asked for all of them.
    """
    return next(_file(document), None)


def _file(value: Any) -> Found:
    yield from _object(value, (), "#", ("configVersion", "jobs"))
    yield from _property(value, (), "#", "configVersion", _text)
    yield from _property(value, (), "#", "jobs", _list_of(_entry))


# The schema does not require create and update; the loader does.
def _entry(value: Any, path: KeyPath, schema: str) -> Found:
    yield from _object(value, path, schema, ("jobType",))
    yield from _property(value, path, schema, "jobType", _text)
    yield from _property(value, path, schema, "create", _operation)
    yield from _property(value, path, schema, "update", _operation)


def _operation(value: Any, path: KeyPath, schema: str) -> Found:
    yield from _object(value, path, schema)
    yield from _property(value, path, schema, "auth", _text)
    yield from _property(value, path, schema, "actions", _list_of(_action))


def _action(value: Any, path: KeyPath, schema: str) -> Found:
    yield from _object(value, path, schema, ("actionType",))
    yield from _property(value, path, schema, "actionType", _text)


def _text(value: Any, path: KeyPath, schema: str) -> Found:
    if not isinstance(value, str):
        yield ShapeMistake(path, "type", "string", schema)


def _object(value: Any, path: KeyPath, schema: str, required: tuple[str, ...] = ()) -> Found:
    # What is left besides a mapping is a date, which is an object for JavaScript.
    if value is None or isinstance(value, str | int | float | list):
        yield ShapeMistake(path, "type", "object", schema)
        return
    for name in required:
        if not isinstance(value, dict) or name not in value:
            yield ShapeMistake(path, "required", name, schema)


def _property(value: Any, path: KeyPath, schema: str, name: str, check: _Check) -> Found:
    if isinstance(value, dict) and name in value:
        yield from check(value[name], (*path, name), f"{schema}/properties/{name}")


def _list_of(check: _Check) -> _Check:
    def each(value: Any, path: KeyPath, schema: str) -> Found:
        if not isinstance(value, list):
            yield ShapeMistake(path, "type", "array", schema)
            return
        for number, item in enumerate(value):
            yield from check(item, (*path, number), f"{schema}/items")

    return each


def _escaped(part: str | int) -> str:
    # JSON pointers, RFC 6901: the tilde first, as it escapes the slash.
    return str(part).replace("~", "~0").replace("/", "~1")
