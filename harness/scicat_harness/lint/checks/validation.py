"""Validate and error actions: schemas that check nothing, and paths that refuse every request.

Specification: action.validate and action.error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from scicat_harness.lint.context import missing_part
from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.entries import ActionEntry
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.paths import first_names, syntax_findings
from scicat_harness.lint.subject import LintSubject

__all__ = ["validation_findings"]

# The keywords of draft-07 that Ajv 8 acts on, and below those that only people read.
_CORE = "$schema $id $ref $comment $defs $anchor $vocabulary definitions id"
_VALUES = (
    "type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength "
    "minLength pattern maxItems minItems uniqueItems maxProperties minProperties required nullable"
)
_APPLIED = (
    "items additionalItems contains properties patternProperties additionalProperties "
    "dependencies propertyNames if then else allOf anyOf oneOf not discriminator"
)
_ANNOTATIONS = (
    "format contentMediaType contentEncoding title description default deprecated readOnly "
    "writeOnly examples"
)
_KEYWORDS = frozenset(f"{_CORE} {_VALUES} {_APPLIED} {_ANNOTATIONS}".split())
_NAMED = ("properties", "patternProperties", "definitions", "$defs")
"""Keywords whose values hold schemas under names."""
_LISTED = ("allOf", "anyOf", "oneOf", "items")
_PLAIN = (
    "not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames",
    "additionalItems",
)  # fmt: skip
_DEEPEST = 40
"""Levels of nested schemas that are checked."""


def validation_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield the findings about validate and error actions, and about schemas in switches.

    Only keywords and paths are checked here; a schema that Ajv cannot compile is a startup error.
    """
    for job in subject.jobs:
        for operation in job.operations():
            for action in operation.all_actions():
                if action.kind == "validate":
                    yield from _validate(subject, action)
                elif action.kind == "switch":
                    yield from _switch(subject, action)
                elif action.kind == "error":
                    yield from _error(subject, action)


def _validate(subject: LintSubject, action: ActionEntry) -> Iterator[Finding]:
    options = action.options
    if action.operation == "update" and options.get("datasets"):
        sentence = "datasets is ignored when a job is updated"
        path = (*action.path, "datasets")
        rule = "validate.datasets-in-update"
        yield subject.at(rule, path, sentence, about=action.title, key=True)
    elif not options.get("request") and not options.get("datasets"):
        others = set(options) - {"actionType", "request", "datasets"}
        # An unknown key is reported as such, and is the likely reason why both are missing.
        if not others:
            sentence = "there is neither request nor datasets: every job passes"
            yield subject.at("validate.nothing", action.path, sentence, about=action.title)
    for name in ("request", "datasets") if action.operation == "create" else ("request",):
        schemas = options.get(name)
        for path, schema in schemas.items() if isinstance(schemas, dict) else ():
            at = (*action.path, name, path)
            yield from _path(subject, action, name, path)
            yield from _schema(subject, schema, at, action.title)


def _path(subject: LintSubject, action: ActionEntry, holder: str, path: str) -> Iterator[Finding]:
    at = (*action.path, holder, path)
    broken = list(syntax_findings(subject, path, at, action.title, key=True))
    yield from broken
    names = first_names(path)
    if broken or not names:
        return
    # Paths below datasets are applied to each listed dataset.
    start: Sequence[str] = (holder, "*", *names) if holder == "datasets" else (holder, *names)
    missing = missing_part(start, action.operation)
    if missing is None:
        return
    parent = "a request" if missing[0] == "request" else f"a dataset's {missing[0]}"
    parent = "a dataset" if missing[0] == "datasets" else parent
    sentence = f"'{path}' finds nothing, so that every request is refused: "
    sentence += f"{parent} has no {missing[1]}"
    fix = f"Write {missing[2]}." if missing[2] else ""
    rule = "validate.nothing-there"
    yield subject.at(rule, at, sentence, about=action.title, fix=fix, key=True)


def _switch(subject: LintSubject, action: ActionEntry) -> Iterator[Finding]:
    cases = action.options.get("cases")
    for number, case in enumerate(cases if isinstance(cases, list) else ()):
        if isinstance(case, dict) and "schema" in case:
            at = (*action.path, "cases", number, "schema")
            yield from _schema(subject, case["schema"], at, action.title)


def _schema(
    subject: LintSubject, schema: Any, path: KeyPath, about: str, depth: int = _DEEPEST
) -> Iterator[Finding]:
    if not isinstance(schema, dict) or not depth:
        return
    for name, value in schema.items():
        at = (*path, name)
        # The backend's Ajv has no formats: it warns and accepts any text.
        if name == "format":
            sentence = f"format {value} is ignored: any text passes"
            yield subject.at("validate.format", at, sentence, about=about, key=True)
        elif name not in _KEYWORDS and not name.startswith("x-"):
            likely = get_close_matches(name, sorted(_KEYWORDS), 1)
            fix = f"Write {likely[0]}." if likely else ""
            sentence = f"JSON Schema has no keyword '{name}': it checks nothing"
            rule = "validate.unknown-keyword"
            yield subject.at(rule, at, sentence, about=about, fix=fix, key=True)
        for inner, where in _inner(name, value, at):
            yield from _schema(subject, inner, where, about, depth - 1)


def _inner(name: str, value: Any, path: KeyPath) -> Iterator[tuple[Any, KeyPath]]:
    if name in _NAMED and isinstance(value, dict):
        for key, each in value.items():
            yield each, (*path, key)
    elif name in _LISTED and isinstance(value, list):
        for number, each in enumerate(value):
            yield each, (*path, number)
    elif name in _PLAIN:
        yield value, path


def _error(subject: LintSubject, action: ActionEntry) -> Iterator[Finding]:
    status = action.options.get("status")
    # 0 and no status mean 400.
    if not isinstance(status, int | float) or not status or 400 <= status <= 599:
        return
    if 200 <= status < 300:
        consequence = "the reply is a success, and no job is stored"
    elif 300 <= status < 400:
        consequence = "clients take it for a redirection"
    else:
        consequence = "it is not an HTTP status; the client gets 500"
    sentence = f"status {status}: {consequence}"
    path = (*action.path, "status")
    yield subject.at("error.status", path, sentence, about=action.title)
