"""Secrets: what this process knows and nobody else may see, left out of every text.

Whoever reads or makes a password, a token or a key says so (``hide``); whoever shows a text, on the
terminal or in a report, passes it through ``redact``.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

__all__ = ["hide", "redact", "redact_data"]

_JWT = re.compile(r"eyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*")
_PASSWORD = re.compile(r'("password"\s*:\s*")[^"]*"')
_SCHEME = re.compile(r"\b(Bearer|Basic) +(?!\*\*\*)[A-Za-z0-9+/=_.~\-]+")
"""Credentials as headers have them."""
_IN_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.\-]*://)[^\s/@'\"]+@", re.IGNORECASE)
"""User name and password in an address."""
_WORD = re.compile("[a-z]+(_[a-z]+)*")
"""As the keys of our own events are."""
_SHORTEST = 6
"""A shorter secret is likely to be part of an ordinary word."""
_MASK = "***"


class _Known:
    """The secrets of this process; a text is searched for all of them at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, values: set[str]) -> None:
        with self._lock:
            if values <= self._values:
                return
            self._values |= values
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(re.escape(each) for each in longest_first))

    def without(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub(_MASK, text)


_KNOWN = _Known()


def hide(*secrets: str | None) -> None:
    """Leave these out of every text from now on, also where they are written in an address."""
    wanted = {each for each in secrets if each is not None and len(each) >= _SHORTEST}
    _KNOWN.add(wanted | {form for each in wanted for form in _written(each)})


def redact(text: str) -> str:
    """The text without tokens, passwords and credentials, known ones and such as look like it."""
    found = _SCHEME.sub(rf"\1 {_MASK}", _PASSWORD.sub(rf'\1{_MASK}"', _JWT.sub(_MASK, text)))
    # Last: a secret may be a word by which the others are known, such as "password".
    return _KNOWN.without(_IN_ADDRESS.sub(rf"\1{_MASK}@", found))


def redact_data(data: Any, own: frozenset[str] = frozenset()) -> Any:
    """JSON data without the secrets that this process knows.

    ``own`` are the fields, of an object or of an object in it (``record.case``), whose values are
    words of ours, such as rule ids: they stay, also where a password happens to be a part of one.
    So do keys that are plain words.
    """
    text = json.dumps(data)
    return data if _KNOWN.without(text) == text else _cleaned(data, own, "")


def _cleaned(data: Any, own: frozenset[str], place: str) -> Any:
    if isinstance(data, str):
        return _KNOWN.without(data)
    if isinstance(data, list | tuple):
        return [_cleaned(each, own, place) for each in data]
    if not isinstance(data, Mapping):
        return data
    found = {}
    for key, value in data.items():
        name = key if _WORD.fullmatch(key) else _KNOWN.without(key)
        here = f"{place}{key}"
        found[name] = value if here in own else _cleaned(value, own, f"{here}.")
    return found


def _written(secret: str) -> tuple[str, ...]:
    """As it stands in addresses, in JSON, and in the messages of Python."""
    in_address = quote(secret, safe="", errors="replace")
    return in_address, json.dumps(secret)[1:-1], repr(secret)[1:-1]
