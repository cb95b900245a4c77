"""Values and texts of a configuration for messages: in JavaScript's notation, without secrets."""

from __future__ import annotations

import json
import re
from datetime import datetime
from math import isfinite
from typing import Any

__all__ = ["HIDDEN", "as_json", "is_secret_name", "shown", "type_name", "without_secrets"]

HIDDEN = "***"
_SECRET = re.compile(
    r"pass(?:word|wd|phrase)?$|secret|token|authorization|api.?key|cookie|credential|private.?key",
    re.IGNORECASE,
)
# The user name stays, as it helps to find the place.
_URL_PASSWORD = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(@)")
# A key with its value in YAML, JSON or an env file; a broken file has no parsed form.
_PAIR = re.compile(
    r"""(?P<head>(?P<quote>["']?)(?P<name>[\w.-]+)(?P=quote)(?:[ \t]*:[ \t]+|:|[ \t]*=[ \t]*))"""
    r"""(?P<value>"[^"\n]*"?|'[^'\n]*'?|[^\s{\[,}\]][^,}\]\n]*)"""
)
_WORDS = r"[\w.-]*(?:token|secret|password|api.?key)[\w.-]*"
# A query parameter, and a pair within a JSON text that is quoted itself.
_QUERY = re.compile(rf"([?&]{_WORDS}=)(?!\{{\{{)[^&\s\"'{{}}]+", re.IGNORECASE)
_QUOTED_PAIR = re.compile(rf"""(\\+"{_WORDS}\\+"\s*:\s*\\+")(?!\{{\{{)[^"\\]*""", re.IGNORECASE)
_SCHEME = re.compile(r"\b(Bearer|Basic)\s+(?!\{\{)[^\s{\"']+", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Return whether a key, header or variable of this name probably holds a secret."""
    return bool(_SECRET.search(name))


def as_json(value: Any, indent: int | None = None) -> str:
    """Return a value as ``JSON.stringify`` writes it, with ``***`` in the place of secrets.

    A template in braces is no secret: it only names the variable that holds one.
    """
    separators = (",", ":") if indent is None else (",", ": ")
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False, separators=separators, indent=indent)


def shown(text: str, most: int = 60) -> str:
    """Return a text of the configuration on one line, without passwords, cut to ``most``."""
    safe = _SCHEME.sub(rf"\1 {HIDDEN}", _URL_PASSWORD.sub(rf"\1{HIDDEN}\2", text))
    safe = " ".join(safe.split())
    return safe if len(safe) <= most else f"{safe[: most - 3]}..."


def without_secrets(text: str) -> str:
    """Return a part of a YAML, JSON or env file with ``***`` in the place of secrets.

    It works on the source text, line by line, since a text with a syntax error has no values.
    """
    safe = _SCHEME.sub(rf"\1 {HIDDEN}", _URL_PASSWORD.sub(rf"\1{HIDDEN}\2", text))
    safe = _QUOTED_PAIR.sub(rf"\1{HIDDEN}", _QUERY.sub(rf"\1{HIDDEN}", safe))
    return _PAIR.sub(_hidden_pair, safe)


def _hidden_pair(found: re.Match[str]) -> str:
    secret = is_secret_name(found["name"]) and "{{" not in found["value"]
    return f"{found['head']}{HIDDEN}" if secret else found[0]


def type_name(value: Any) -> str:
    """Return the name that JavaScript's ``typeof`` has for a value; null is an object."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "object"


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {
                name: HIDDEN if _hides(name, each) else _plain(each) for name, each in value.items()
            }
        case list():
            return [_plain(each) for each in value]
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
        case float():
            # JSON.stringify writes NaN and the infinities as null.
            return value if isfinite(value) else None
        case str():
            return _SCHEME.sub(rf"\1 {HIDDEN}", _URL_PASSWORD.sub(rf"\1{HIDDEN}\2", value))
        case _:
            return value


def _hides(name: str, value: Any) -> bool:
    # Below a mapping with such a name the keys are judged one by one.
    return is_secret_name(name) and isinstance(value, str | int) and "{{" not in str(value)
