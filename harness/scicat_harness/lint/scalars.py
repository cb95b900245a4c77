"""Plain scalars by the rules of YAML 1.2, as js-yaml reads them; PyYAML uses YAML 1.1.

``yes`` is a text here, ``0o17`` and ``017`` are numbers, and ``1e3`` is a number without a dot.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["INHERITED", "as_key", "plain_value"]

_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"([-+]?)(?:(0b)([01]+)|(0o)([0-7]+)|(0x)([0-9a-fA-F]+)|()([0-9]+))$")
# Unlike YAML 1.1 it needs neither a dot nor the sign of the exponent.
_FLOAT = re.compile(
    r"(?:[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?)$"
)
_ENDLESS = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)$")
_MOMENT = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?"
    r"(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?$"
)
INHERITED = frozenset(
    {"constructor", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf", "toLocaleString",
     "propertyIsEnumerable", "__proto__", "__defineGetter__", "__defineSetter__",
     "__lookupGetter__", "__lookupSetter__"}
)  # fmt: skip
"""Members of every JavaScript object: the loader mistakes them for job types it has seen."""
_BASES = {"0b": 2, "0o": 8, "0x": 16, "": 10}
_EXACT = 1e21
"""From this value on JavaScript writes numbers with an exponent."""


def plain_value(text: str) -> Any:
    """Return the value of a scalar that has neither quotes nor a tag.

    The types are those of JSON, and an aware ``datetime`` in UTC for a timestamp. Anything that is
    none of these is a text.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text.lower() in _ENDLESS:
        return float(_ENDLESS[text.lower()])
    number = _number(text)
    if number is not None:
        return number
    moment = _moment(text)
    return text if moment is None else moment


def as_key(value: Any) -> str:
    """Return the name that a JavaScript object has for a key of any type.

    A mapping as a key, as in ``{{ x }}`` without quotes, becomes ``[object Object]``.
    """
    # As String(value) in JavaScript.
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case dict():
            return "[object Object]"
        case list():
            return ",".join("" if each is None else as_key(each) for each in value)
        case _:
            return str(value)


def _number(text: str) -> int | float | None:
    found = _INTEGER.match(text)
    if found:
        sign, *parts = found.groups()
        base = next(each for each in parts[::2] if each is not None)
        digits = next(each for each in parts[1::2] if each is not None)
        # JavaScript has doubles only: 2**53 + 1 loses its last digit here as well.
        return _as_double(float(int(sign + digits, _BASES[base])))
    return _as_double(float(text)) if _FLOAT.match(text) else None


def _as_double(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _moment(text: str) -> datetime | None:
    day = _DAY.match(text)
    if day:
        year, month, number = map(int, day.groups())
        return _utc(year, month, timedelta(days=number - 1))
    found = _MOMENT.match(text)
    if found is None:
        return None
    *numbers, fraction, _, sign, hours, minutes = found.groups()
    year, month, number, hour, minute, second = (int(part or 0) for part in numbers)
    # A JavaScript date has milliseconds; further digits are cut off.
    milliseconds = int(((fraction or "") + "000")[:3])
    rest = timedelta(number - 1, second, 0, milliseconds, minute, hour)
    shift = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return _utc(year, month, rest + shift if sign == "-" else rest - shift)


def _utc(year: int, month: int, rest: timedelta) -> datetime | None:
    """Return a moment in UTC; like JavaScript's, month 13 is January of the next year."""
    try:
        return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC) + rest
    except (ValueError, OverflowError):
        return None
