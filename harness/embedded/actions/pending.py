"""Actions that the embedded backend knows but does not perform yet.

Reads sections 7.6, 7.7, 7.8 and 7.11 for their options: those are checked as the real backend
checks them, so that a bad configuration fails with the documented text here as well.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.embedded.failures import BootFailure

__all__ = ["PENDING", "check_body_template", "check_mail_template"]

_METHODS = ("GET", "POST", "PUT", "DELETE")
_SWITCH_KEYS = {"actionType", "phase", "property", "cases"}
_CASE_KEYS = {"schema", "regex", "match", "actions"}


def _texts(options: dict[str, Any], *names: str) -> bool:
    return all(isinstance(options.get(name), str) for name in names)


def _optional(options: dict[str, Any], name: str, kind: type) -> bool:
    return name not in options or isinstance(options[name], kind)


def _email(options: dict[str, Any]) -> bool:
    required = _texts(options, "to", "subject", "bodyTemplateFile")
    return required and _optional(options, "from", str) and _optional(options, "ignoreErrors", bool)


def _url(options: dict[str, Any]) -> bool:
    headers = options.get("headers", {})
    if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
        return False
    method = options.get("method", "GET")
    return (
        _texts(options, "url") and method in _METHODS and _optional(options, "ignoreErrors", bool)
    )


def _rabbitmq(options: dict[str, Any]) -> bool:
    return _texts(options, "exchange", "queue", "key")


def _switch(options: dict[str, Any]) -> bool:
    cases = options.get("cases")
    known = set(options) == _SWITCH_KEYS and options["phase"] in ("validate", "perform", "all")
    return (
        known
        and isinstance(options["property"], str)
        and isinstance(cases, list)
        and all(_case(case) for case in cases)
    )


def _case(case: object) -> bool:
    if not isinstance(case, dict) or not isinstance(case.get("actions"), list):
        return False
    actions_typed = all(
        isinstance(action, dict) and isinstance(action.get("actionType"), str)
        for action in case["actions"]
    )
    return actions_typed and set(case) <= _CASE_KEYS and _optional(case, "regex", str)


PENDING: dict[str, Callable[[dict[str, Any]], bool]] = {
    "email": _email,
    "url": _url,
    "rabbitmq": _rabbitmq,
    "switch": _switch,
}


def check_mail_template(options: dict[str, Any]) -> None:
    """Refuse an e-mail whose body template is not on disk."""
    path = options["bodyTemplateFile"]
    if not Path(path).is_file():
        raise BootFailure(f"Error: ENOENT: no such file or directory, open '{path}'")


def check_body_template(options: dict[str, Any]) -> None:
    """Refuse a URL body that is no template text."""
    if not isinstance(options.get("body", ""), str):
        raise BootFailure(
            "Error: You must pass a string or Handlebars AST to Handlebars.compile."
            " You passed [object Object]"
        )
