"""Validation of the bodies of v4 job requests.

See specification: create.body, update.body. All messages come in one reply: unknown keys in the
order of the body, then known keys in a fixed order. Before that, members with the names of those
that every JavaScript object inherits are dropped at every depth.
"""

import re
from collections.abc import Callable
from typing import Any

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.failures import crash, field_errors
from scicat_harness.embedded.javascript import PROTOTYPE_NAMES
from scicat_harness.embedded.store import Document

__all__ = ["check_create", "check_update"]

_DROPPED = PROTOTYPE_NAMES | {"prototype"}
# At most 254 characters, 64 of them before the @; no quoted local parts, no IP addresses.
_EMAIL = re.compile(
    r"(?=.{1,254}$)(?=[^@]{1,64}@)"
    r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]"
)


def check_create(backend: EmbeddedBackend, body: object) -> Document:
    """Return the validated body of a create request.

    ``ownerUser``, ``ownerGroup`` and ``contactEmail`` may be null. Raises HttpFailure: 400 with all
    messages.
    """
    # The validator knows objects only; for a list it has this one message.
    if isinstance(body, list):
        raise field_errors(["an unknown value was passed to the validate function"])
    # No body counts as an empty one: then all messages of required keys come.
    given: Document = _plain(body) if isinstance(body, dict) else {}
    if given.get("type") is None and backend.defect("status.missing-type-500"):
        raise crash()
    checks: dict[str, tuple[Callable[[Any], bool], str]] = {
        "type": (_is_text, "a string"),
        "jobParams": (_is_object, "an object"),
        "ownerUser": (_is_text_or_null, "a string"),
        "ownerGroup": (_is_text_or_null, "a string"),
        "contactEmail": (_is_email_or_null, "an email"),
    }
    return _checked(backend, given, checks)


def check_update(backend: EmbeddedBackend, body: object) -> Document:
    """Return the validated body of an update request.

    Both status fields are required, even in a merge patch, but may be empty. Raises HttpFailure:
    400 with all messages.
    """
    if isinstance(body, list):
        raise field_errors(["an unknown value was passed to the validate function"])
    given: Document = _plain(body) if isinstance(body, dict) else {}
    checks: dict[str, tuple[Callable[[Any], bool], str]] = {
        "statusCode": (_is_text, "a string"),
        "statusMessage": (_is_text, "a string"),
        "jobResultObject": (_is_object_or_null, "an object"),
    }
    return _checked(backend, given, checks)


def _plain(value: Any) -> Any:
    """Return a value without members called as those of a JavaScript object or class."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in _DROPPED}
    return value


def _checked(
    backend: EmbeddedBackend,
    body: Document,
    checks: dict[str, tuple[Callable[[Any], bool], str]],
) -> Document:
    # In the order of the body, which the context of the actions shows.
    known = {key: value for key, value in body.items() if key in checks}
    messages = [f"property {key} should not exist" for key in body if key not in checks]
    if backend.defect("bodies.unknown-keys-accepted"):
        messages = []
    messages += [
        f"{key} must be {kind}" for key, (fits, kind) in checks.items() if not fits(body.get(key))
    ]
    if messages:
        raise field_errors(messages, 500 if backend.defect("status.body-error-500") else 400)
    return known


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_or_null(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_object_or_null(value: object) -> bool:
    return value is None or isinstance(value, dict)


def _is_email_or_null(value: object) -> bool:
    return value is None or (isinstance(value, str) and _EMAIL.fullmatch(value) is not None)
