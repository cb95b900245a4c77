"""Secrets that this process knows, replaced by ``***`` in every text it shows.

Code that reads or makes a password, a token or a key calls ``hide``; code that shows a text, on
the terminal or in a report, passes it through ``redact``.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping
from itertools import groupby, takewhile
from typing import Any
from urllib.parse import quote

__all__ = ["hide", "redact", "redact_data"]

# "eyJ" is '{"' in base64: every JWT begins with a JSON object.
_JWT = re.compile(r"eyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*")
_PASSWORD = re.compile(r'("password"\s*:\s*")(?:[^"\\]|\\.)*"', re.DOTALL)
_SCHEME = re.compile(r"\b(Bearer|Basic) +(?!\*\*\*)[A-Za-z0-9+/=_.~\-]+")
"""Credentials in an ``Authorization`` header; the lookahead skips those that are masked already."""
_IN_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.\-]*://)[^\s/@'\"]+@", re.IGNORECASE)
"""User name and password in an address."""
_WORD = re.compile("[a-z]+(_[a-z]+)*")
"""The form of the keys in events of the harness."""
_SHORTEST = 6
"""The least length of a secret that is searched for; a shorter one may be part of a word."""
_MASK = "***"


class _Known:
    """The secrets of this process, as one pattern that finds all of them in one pass."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, values: set[str]) -> None:
        with self._lock:
            if values <= self._values:
                return
            self._values |= values
            self._pattern = re.compile(_pattern_of(self._values))

    def without(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub(_MASK, text)


def _pattern_of(values: Iterable[str]) -> str:
    """Return a pattern of exactly these texts; of two that begin alike it takes the longer one.

    A run has hundreds of secrets, and at each position of a text all alternatives are tried. So
    they are a tree: those with the same beginning are one alternative.
    """
    found = []
    for _, group in groupby(sorted(values), key=lambda each: each[0]):
        alike = list(group)
        # The group is sorted, so what the first and the last share, all share.
        pairs = takewhile(lambda pair: pair[0] == pair[1], zip(alike[0], alike[-1], strict=False))
        start = "".join(letter for letter, _ in pairs)
        rests = [each[len(start) :] for each in alike if each != start]
        ending = "?" if start in alike else ""
        found.append(re.escape(start) + (f"(?:{_pattern_of(rests)}){ending}" if rests else ""))
    return "|".join(found)


_KNOWN = _Known()


def hide(*secrets: str | None) -> None:
    """Mask these secrets in every text from now on.

    Their percent-encoded, JSON and ``repr`` forms are masked, too. None and secrets of fewer than
    6 characters are ignored.
    """
    wanted = {each for each in secrets if each is not None and len(each) >= _SHORTEST}
    _KNOWN.add(wanted | {form for each in wanted for form in _written(each)})


def redact(text: str) -> str:
    """Return the text with secrets replaced by ``***``.

    Secrets are the values given to ``hide``, and whatever has the form of a JWT, of a
    ``"password"`` field in JSON, of Bearer or Basic credentials, or of a user name and password in
    an address::

        >>> redact("amqp://user:rabbit@host:5672")
        'amqp://***@host:5672'
    """
    found = _SCHEME.sub(rf"\1 {_MASK}", _PASSWORD.sub(rf'\1{_MASK}"', _JWT.sub(_MASK, text)))
    # Last: a secret may be a word by which the others are known, such as "password".
    return _KNOWN.without(_IN_ADDRESS.sub(rf"\1{_MASK}@", found))


def redact_data(data: Any, own: frozenset[str] = frozenset()) -> Any:
    """Return JSON data with the secrets given to ``hide`` replaced by ``***``.

    ``own`` names fields, as a key or as dotted keys of nested objects (``record.case``), whose
    values the harness itself chose, such as rule ids. They stay as they are, also where a password
    happens to be a part of one. So do keys that are plain words.
    """
    # Most events hold no secret: one search of the text is cheaper than a walk over the data.
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
    """Return a secret as it is written in addresses, in JSON, and by ``repr``."""
    in_address = quote(secret, safe="", errors="replace")
    return in_address, json.dumps(secret)[1:-1], repr(secret)[1:-1]
