"""Startup errors of JSON schemas, found by Ajv, or in part without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from scicat_harness.javascript import Compiled, EngineFault
from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.entries import ActionEntry
from scicat_harness.lint.starting.startup_error import StartupError
from scicat_harness.lint.subject import LintSubject
from scicat_harness.lint.words import type_name

__all__ = ["schema_errors"]

# The default of Ajv 8; drafts 2019 and 2020 need another class of it.
_DRAFT_07 = "http://json-schema.org/draft-07/schema"
# Aliases of YAML may nest a schema in itself.
_DEEPEST = 100


def schema_errors(
    subject: LintSubject,
    action: ActionEntry,
    schemas: Sequence[tuple[Any, KeyPath]],
    any_value: bool,
) -> Iterator[StartupError]:
    """Yield a startup error for the first schema that cannot be compiled.

    With ``any_value`` Ajv judges values of every type, as in a switch; otherwise a schema that is
    not an object is an error of its own, as in a validate action.
    """
    # Schemas before the first wrong value are compiled first, as the backend does.
    usable = len(schemas)
    if not any_value:
        bad = (n for n, (each, _) in enumerate(schemas) if each is None or _is_scalar(each))
        usable = next(bad, len(schemas))
    yield from _compiled(subject, action, schemas[:usable])
    if usable < len(schemas):
        path = schemas[usable][1]
        message = "Error: Schema must be a valid object."
        yield StartupError(
            "start.json-schema", message, "a schema is an object", path, action.title
        )


def _compiled(
    subject: LintSubject, action: ActionEntry, schemas: Sequence[tuple[Any, KeyPath]]
) -> Iterator[StartupError]:
    if not schemas:
        return
    what = f"{action.title}: JSON schemas"
    engine = subject.engine_for(what)
    found: Compiled | None
    try:
        given = [schema for schema, _ in schemas]
        found = engine.compile_schemas(given) if engine else _without_ajv(given)
    except EngineFault as fault:
        subject.not_verifiable(what, fault)
        return
    if found:
        path = schemas[found.at][1]
        why = "Ajv cannot compile the schema"
        message = f"{found.name}: {found.message}"
        yield StartupError(
            "start.json-schema", message, why, path, action.title, exact=engine is not None
        )


def _without_ajv(schemas: Sequence[Any]) -> Compiled | None:
    """Return the error of a schema that surely fails: a remote reference or an unknown draft."""
    for at, schema in enumerate(schemas):
        draft = schema.get("$schema") if isinstance(schema, dict) else None
        if isinstance(draft, str) and draft.rstrip("#") != _DRAFT_07:
            return Compiled(at, f'no schema with key or ref "{draft}"')
        for reference in _references(schema, _DEEPEST):
            if "://" in reference and not reference.startswith(_DRAFT_07):
                return Compiled(at, f"can't resolve reference {reference} from id #")
    return None


def _references(schema: Any, depth: int) -> Iterator[str]:
    if depth and isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for each in schema.values():
            yield from _references(each, depth - 1)
    elif depth and isinstance(schema, list):
        for each in schema:
            yield from _references(each, depth - 1)


def _is_scalar(value: Any) -> bool:
    return type_name(value) != "object"
