"""The options of each action type, as the type guards of the backend check them.

A guard refuses options without a reason: the message only lists them. The reasons here are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scicat_harness.lint.release import Features
from scicat_harness.lint.words import type_name

__all__ = ["complaint"]

# A present null is an error where a missing option is none.
_ABSENT = object()
_AS_KEY = "[object Object]"
# The backend accepts no other method, and none in lower case.
_METHODS = ("GET", "POST", "PUT", "DELETE")
_SWITCH = ("actionType", "phase", "property", "cases")
_LOG = ("actionType", "init", "validate", "perform")

Options = Mapping[str, Any]
Complaints = Iterator[str]


def complaint(options: Options, operation: str, features: Features) -> str | None:
    """Return the reason why a backend refuses the options of an action, or None.

    ``options`` has an ``actionType``. Options that no guard looks at are accepted, and checked by
    ``checks.keys``.
    """
    guard = _GUARDS.get(str(options["actionType"]))
    return next(guard(options, operation, features), None) if guard else None


def _typed(options: Options, kind: str, *names: str, required: bool = False) -> Complaints:
    for name in names:
        value = options.get(name, _ABSENT)
        if value is _ABSENT:
            if required:
                yield f"'{name}' is missing"
        elif type_name(value) != kind:
            why = " (braces need quotes around them)" if _is_braces(value) else ""
            yield f"'{name}' is a {_kind(value)}, not a {kind}{why}"


def _known(options: Options, names: tuple[str, ...]) -> Complaints:
    for name in options:
        if name not in names:
            yield f"'{name}' is not one of its options ({', '.join(names[1:])})"


def _log(options: Options, operation: str, features: Features) -> Complaints:
    del operation, features
    yield from _known(options, _LOG)
    yield from _typed(options, "string", *_LOG[1:])


def _email(options: Options, operation: str, features: Features) -> Complaints:
    del operation
    yield from _typed(options, "string", "to", required=True)
    yield from _typed(options, "string", "from")
    yield from _typed(options, "string", "subject", "bodyTemplateFile", required=True)
    # Earlier releases do not look at ignoreErrors.
    if features.mail_ignores_errors:
        yield from _typed(options, "boolean", "ignoreErrors")


def _url(options: Options, operation: str, features: Features) -> Complaints:
    del operation
    yield from _typed(options, "string", "url", required=True)
    method = options.get("method", "GET")
    if not isinstance(method, str) or method not in _METHODS:
        yield f"'method' must be one of {', '.join(_METHODS)}"
    # typeof null is "object", so null needs a check of its own; a list passes as an object.
    headers = options.get("headers", {})
    if type_name(headers) != "object" or headers is None:
        yield f"'headers' is a {_kind(headers)}, not an object"
    else:
        named = headers.items() if isinstance(headers, dict) else enumerate(headers)
        for name, value in named:
            if not isinstance(value, str):
                yield f"header '{name}' is a {_kind(value)}, not a string"
    if features.url_ignores_errors:
        yield from _typed(options, "boolean", "ignoreErrors")


def _rabbitmq(options: Options, operation: str, features: Features) -> Complaints:
    del operation, features
    yield from _typed(options, "string", "exchange", "queue", "key", required=True)


def _validate(options: Options, operation: str, features: Features) -> Complaints:
    del features
    yield from _typed(options, "object", "request")
    if operation == "create":
        yield from _typed(options, "object", "datasets")


def _switch(options: Options, operation: str, features: Features) -> Complaints:
    del operation, features
    yield from _known(options, _SWITCH)
    if options.get("phase") not in ("validate", "perform", "all"):
        yield "'phase' must be one of validate, perform, all"
    yield from _typed(options, "string", "property", required=True)
    cases = options.get("cases")
    if not isinstance(cases, list):
        yield "'cases' is not a list"
        return
    for number, case in enumerate(cases):
        if not isinstance(case, dict) or not isinstance(case.get("actions"), list):
            yield f"case {number} has no list of 'actions'"


def _error(options: Options, operation: str, features: Features) -> Complaints:
    del operation, features
    yield from _typed(options, "string", "message", required=True)
    yield from _typed(options, "number", "status")


_GUARDS: dict[str, Callable[[Options, str, Features], Complaints]] = {
    "log": _log,
    "email": _email,
    "url": _url,
    "rabbitmq": _rabbitmq,
    "validate": _validate,
    "switch": _switch,
    "error": _error,
}


def _is_braces(value: object) -> bool:
    """Return whether js-yaml read ``{{ x }}`` without quotes: a mapping with a mapping as key."""
    return isinstance(value, dict) and _AS_KEY in value


def _kind(value: object) -> str:
    if value is None:
        return "null"
    return "list" if isinstance(value, list) else type_name(value)
