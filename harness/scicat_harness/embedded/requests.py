"""Incoming requests: caller, query parameters and parsed body.

See specification: request.body. JSON, merge patches and forms with nested keys are parsed; with
any other content type the request has no body.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from scicat_harness.embedded.access import RequestCaller
from scicat_harness.embedded.failures import crash, denial
from scicat_harness.embedded.javascript import parse_json

__all__ = ["MERGE_PATCH", "JobRequest", "parse_body"]

MERGE_PATCH = "application/merge-patch+json"
_JSON = frozenset({"application/json", MERGE_PATCH})
_FORM = "application/x-www-form-urlencoded"
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_KEY_PARTS = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One request after its body was parsed and its token verified.

    ``body`` is None for no body. ``content_type`` is the header as sent, with its parameters.
    ``id`` is the decoded last segment of the path, or empty.
    """

    caller: RequestCaller
    query: Mapping[str, str]
    body: Any = None
    content_type: str = ""
    id: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """The body if it is an object, else an empty object."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def merges(self) -> bool:
        """True if the content type is exactly that of a merge patch.

        With a parameter, such as a charset, it is not (specification: update.merge-patch).
        """
        return self.content_type == MERGE_PATCH


def parse_body(raw: bytes, content_type: str) -> Any:
    """Return the parsed body, None for a content type that is not parsed.

    Raises HttpFailure: 400 for malformed JSON and for JSON that is neither object nor list, 500
    for a charset other than UTF (specification: request.body).
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in _JSON and media_type != _FORM:
        return None
    # Only UTF is supported; the real backend answers 500 where HTTP has 415.
    charset = _CHARSET.search(content_type)
    if charset and not charset[1].lower().startswith("utf-"):
        raise crash()
    # An announced body that is empty is an empty object, as in the body parser of Express.
    if not raw:
        return {}
    try:
        text = raw.decode(charset[1] if charset else "utf-8")
    except (LookupError, UnicodeDecodeError):
        raise crash() from None
    return _parse_form(text) if media_type == _FORM else _parse_strictly(text)


def _parse_strictly(text: str) -> Any:
    try:
        value = parse_json(text)
    except ValueError as error:
        raise denial(400, str(error)) from None
    # The body parser is strict: a bare text, number or null is no JSON for it.
    if not isinstance(value, dict | list):
        raise denial(400, f"Unexpected token '{text.strip()[:1]}', {text.strip()!r} is not JSON")
    return value


def _parse_form(text: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        # a[b][c]=1 is the path a, b, c; all values are texts.
        head, _, _ = name.partition("[")
        _put(result, [head, *_KEY_PARTS.findall(name)], value)
    return result


def _put(target: dict[str, Any], path: list[str], value: str) -> None:
    """Store a value at a path such as ``a[b][]``; repeat a name to make a list."""
    key, *rest = path
    if rest == [""]:
        earlier = target.setdefault(key, [])
        target[key] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
    elif rest:
        inner = target.setdefault(key, {})
        if isinstance(inner, dict):
            _put(inner, rest, value)
    elif key in target:
        earlier = target[key]
        target[key] = [*(earlier if isinstance(earlier, list) else [earlier]), value]
    else:
        target[key] = value
