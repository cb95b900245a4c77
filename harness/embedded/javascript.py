"""The few places where the real backend's language shows through its HTTP interface.

JSON text as ``JSON.stringify`` writes it, truth values, ``String(value)``, and dates with
milliseconds.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

__all__ = [
    "PROTOTYPE_NAMES",
    "as_text",
    "iso",
    "now",
    "parse_json",
    "parse_time",
    "stringify",
    "truthy",
]

PROTOTYPE_NAMES = frozenset(
    {
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)


def now() -> datetime:
    """The present moment in UTC with the resolution of a JavaScript date."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: object) -> datetime | None:
    """A moment from ISO 8601 text, None if it is none; without a zone it is UTC."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not JSON: {type(value).__name__}")


_COMPACT = json.JSONEncoder(default=_encode, ensure_ascii=False, separators=(",", ":"))


def stringify(value: object, indent: int | None = None) -> str:
    """JSON text, compact unless an indent is given."""
    if indent is None:
        return _COMPACT.encode(value)
    return json.dumps(value, default=_encode, ensure_ascii=False, indent=indent)


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def _no_constant(text: str) -> object:
    raise ValueError(f"Unexpected token '{text[0]}', {text} is not valid JSON")


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_no_constant)


def parse_json(text: str) -> Any:
    """A JSON value with JavaScript's numbers (``1.0`` is 1); raises ValueError."""
    return _DECODER.decode(text)


def truthy(value: object) -> bool:
    """Whether JavaScript takes the value for true."""
    if isinstance(value, list | dict):
        return True
    return bool(value)


def as_text(value: object) -> str:
    """``String(value)``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join("" if item is None else as_text(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, datetime):
        utc = value.astimezone(UTC)
        return f"{utc:%a %b %d %Y %H:%M:%S} GMT+0000 (Coordinated Universal Time)"
    return str(value)
