"""Startup errors of single actions: wrong options, missing files, schemas and templates.

Messages are those of v5.2.1 (specification: start.errors).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scicat_harness.javascript import EngineFault, JavaScriptError
from scicat_harness.lint.entries import ActionEntry
from scicat_harness.lint.namedfile import NotRead
from scicat_harness.lint.release import ACTIONS
from scicat_harness.lint.scalars import INHERITED, as_key
from scicat_harness.lint.starting import dialects
from scicat_harness.lint.starting.options import complaint
from scicat_harness.lint.starting.schemas import schema_errors
from scicat_harness.lint.starting.startup_error import StartupError
from scicat_harness.lint.subject import LintSubject
from scicat_harness.lint.words import as_json, type_name

__all__ = ["startup_errors"]

# The default of the option perform, which init may show: its context is the options.
_PERFORM = "Performing job for {{{ job.type }}}"


def startup_errors(subject: LintSubject, action: ActionEntry) -> Iterator[StartupError]:
    """Yield at most one startup error of an action itself; those inside a switch come later.

    The order is that of the backend: the type, the broker, the options, then the constructor.
    """
    if action.kind not in ACTIONS:
        if subject.installation.probes.find(action.kind) is None:
            yield from _unknown(subject, action)
        return
    if action.kind == "rabbitmq" and subject.broker is False:
        yield _disabled(subject, action)
        return
    why = complaint(action.options, action.operation, subject.features)
    if why:
        yield _invalid(subject, action, why)
        return
    match action.kind:
        case "log":
            yield from _log(subject, action)
        case "email":
            yield from _email(subject, action)
        case "url":
            yield from _url(action)
        case "validate":
            yield from _validate(subject, action)


def _unknown(subject: LintSubject, action: ActionEntry) -> Iterator[StartupError]:
    message = f"Error: Unknown action type {action.kind} in {subject.document.file}"
    if action.kind == "constructor":
        # The backend looks for a creator of this name and finds Object, whose method create
        # accepts any options: it starts.
        return
    if action.kind in INHERITED:
        message = "TypeError: creators[opt.actionType].create is not a function"
    elif action.nested:
        message = f"Error: Unknown action type '{action.kind}'"
    why = f"there is no action '{action.kind}'"
    path = (*action.path, "actionType")
    yield StartupError("start.unknown-action", message, why, path, action.title)


def _disabled(subject: LintSubject, action: ActionEntry) -> StartupError:
    message = f"Error: Action type rabbitmq in {subject.document.file} wasn't correctly initialized"
    # Inside a switch the backend uses the missing creator without a check.
    if action.nested:
        message = "TypeError: Cannot read properties of undefined (reading 'create')"
    why = "a rabbitmq action needs RABBITMQ_ENABLED=yes"
    return StartupError("start.broker-disabled", message, why, action.path, action.title)


def _invalid(subject: LintSubject, action: ActionEntry, why: str) -> StartupError:
    message = f"Error: Invalid options for {action.kind} action: {as_json(action.options)}"
    old = dialects.of_action(subject.document, action)
    if old:
        reason = f"{old.why} ({why})"
        return StartupError(
            old.rule, message, reason, old.path, action.title, True, edits=old.edits
        )
    return StartupError("start.options", message, why, action.path, action.title)


def _log(subject: LintSubject, action: ActionEntry) -> Iterator[StartupError]:
    merged = {"init": "", "validate": "", "perform": _PERFORM, **action.options}
    if "{{" not in merged["init"]:
        return
    engine = subject.engine_for(f"{action.title}: init")
    try:
        if engine:
            engine.render(merged["init"], merged)
    except EngineFault as fault:
        subject.not_verifiable(f"{action.title}: init", fault)
    except JavaScriptError as error:
        why = "init is rendered when the backend starts"
        yield StartupError("start.log-init", str(error), why, (*action.path, "init"), action.title)


def _email(subject: LintSubject, action: ActionEntry) -> Iterator[StartupError]:
    name = action.options["bodyTemplateFile"]
    found = subject.mail_body(name)
    # A refused file may exist for the backend; checks.mail reports it.
    if not isinstance(found, NotRead) or found.refused:
        return
    message = f"Error: ENOENT: no such file or directory, open '{name}'"
    # An empty name leads to the folder itself here; Node answers ENOENT.
    if name and found.is_folder:
        message = "Error: EISDIR: illegal operation on a directory, read"
    at = (*action.path, "bodyTemplateFile")
    yield StartupError("start.mail-body-missing", message, found.reason, at, action.title)


def _url(action: ActionEntry) -> Iterator[StartupError]:
    body = action.options.get("body")
    if body and type_name(body) != "string":
        # JavaScript writes the value into the text of the error.
        passed = "true" if body is True else as_key(body)
        message = (
            "Error: You must pass a string or Handlebars AST to Handlebars.compile. "
            f"You passed {passed}"
        )
        why = "body is not a text"
        yield StartupError("start.url-body", message, why, (*action.path, "body"), action.title)


def _validate(subject: LintSubject, action: ActionEntry) -> Iterator[StartupError]:
    names = ("request", "datasets") if action.operation == "create" else ("request",)
    schemas = [
        (schema, (*action.path, name, path))
        for name in names
        for path, schema in _pairs(action.options.get(name))
    ]
    yield from schema_errors(subject, action, schemas, False)


def _pairs(found: Any) -> list[tuple[str | int, Any]]:
    # A list passes the backend's check for an object; its indices are the paths then.
    if isinstance(found, list):
        return list(enumerate(found))
    return list(found.items()) if isinstance(found, dict) else []
