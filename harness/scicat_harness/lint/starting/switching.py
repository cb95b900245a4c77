"""Startup errors inside switches, which come after all others.

A switch builds its cases later, and those of nested switches after them. An error there ends the
process as an unhandled rejection, without the name of the file (specification: start.errors).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from scicat_harness.javascript import EngineFault
from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.entries import ActionEntry
from scicat_harness.lint.scalars import as_key
from scicat_harness.lint.starting.building import startup_errors
from scicat_harness.lint.starting.options import complaint
from scicat_harness.lint.starting.schemas import schema_errors
from scicat_harness.lint.starting.startup_error import StartupError
from scicat_harness.lint.subject import LintSubject

__all__ = ["nested_errors"]


def nested_errors(subject: LintSubject, actions: Iterable[ActionEntry]) -> Iterator[StartupError]:
    """Yield the startup errors inside the switches among the actions, level by level.

    A switch with wrong options has none of its own: it fails before it builds its cases.
    """
    # Breadth first: the backend builds each level of switches after the one around it.
    level = _switches(subject, actions)
    while level:
        for switch in level:
            yield from _cases(subject, switch)
        level = _switches(subject, (inner for switch in level for inner in switch.inner()))


def _switches(subject: LintSubject, actions: Iterable[ActionEntry]) -> list[ActionEntry]:
    return [
        each
        for each in actions
        if each.kind == "switch"
        and complaint(each.options, each.operation, subject.features) is None
    ]


def _cases(subject: LintSubject, action: ActionEntry) -> Iterator[StartupError]:
    inner = list(action.inner())
    for number, case in enumerate(action.options["cases"]):
        path = (*action.path, "cases", number)
        # entries leaves out actions of a wrong shape, which are errors here.
        here = [each for each in inner if each.path[: len(path)] == path]
        for place, given in enumerate(case["actions"]):
            at = (*path, "actions", place)
            found = next((each for each in here if each.path == at), None)
            yield from startup_errors(subject, found) if found else _no_action(action, given, at)
        yield from _condition(subject, action, case, path)


def _no_action(action: ActionEntry, given: Any, path: KeyPath) -> Iterator[StartupError]:
    """Yield the error of an action without a usable actionType.

    Only inside a switch: at the top the schema refuses it.
    """
    if given is None:
        message = "TypeError: Cannot read properties of null (reading 'actionType')"
    else:
        has = isinstance(given, dict) and "actionType" in given
        message = (
            f"Error: Unknown action type '{as_key(given['actionType']) if has else 'undefined'}'"
        )
    why = "an action is a mapping with an actionType"
    yield StartupError("start.unknown-action", message, why, path, action.title)


def _condition(
    subject: LintSubject, action: ActionEntry, case: dict[str, Any], path: KeyPath
) -> Iterator[StartupError]:
    # Only the first condition is compiled.
    if "schema" in case:
        yield from schema_errors(subject, action, [(case["schema"], (*path, "schema"))], True)
    elif "regex" in case:
        regex = case["regex"]
        problem = _regex_problem(subject, action, regex)
        if problem:
            at = (*path, "regex")
            yield StartupError("start.regex", problem, "the regex is invalid", at, action.title)


def _regex_problem(subject: LintSubject, action: ActionEntry, regex: Any) -> str | None:
    if not isinstance(regex, str):
        if regex is None:
            return "TypeError: Cannot read properties of null (reading 'match')"
        return "TypeError: str.match is not a function"
    head, slash, flags = regex.rpartition("/")
    letters = not flags or (flags.isalpha() and flags.islower())
    if not (head.startswith("/") and slash and letters):
        return f"Error: Expected slash-delimited regex. Got '{regex}'"
    # The pattern itself only JavaScript can judge.
    engine = subject.engine_for(f"{action.title}: the regex")
    try:
        problem = engine.compile_regex(regex) if engine else None
    except EngineFault as fault:
        subject.not_verifiable(f"{action.title}: the regex", fault)
        return None
    return f"SyntaxError: {problem}" if problem else None
