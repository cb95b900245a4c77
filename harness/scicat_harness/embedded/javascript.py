"""The operations of JavaScript that are visible through the HTTP interface of the real backend.

JSON text as ``JSON.stringify`` writes it, truth values, ``String(value)`` and ``Number(value)``,
both equalities, and dates with milliseconds. Null is None; undefined is :data:`UNDEFINED`.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

__all__ = [
    "PROTOTYPE_NAMES",
    "UNDEFINED",
    "Undefined",
    "as_number",
    "as_text",
    "identical",
    "iso",
    "loosely_equal",
    "now",
    "parse_json",
    "parse_time",
    "stringify",
    "truthy",
]

# The members of Object.prototype: a lookup by one of these names succeeds in any object.
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


class Undefined:
    """The type of :data:`UNDEFINED`."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED: Final = Undefined()
"""The value of what does not exist, other than None, which is null."""

_NUMERAL = re.compile(r"[+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
# These have no sign in JavaScript: Number("-0x1") is NaN.
_RADIX = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")


def now() -> datetime:
    """Return the current time in UTC with the resolution of a JavaScript date, 1 ms."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """Return ISO 8601 text in UTC, such as ``2026-08-01T12:00:00.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: object) -> datetime | None:
    """Return the time of an ISO 8601 text, None for any other value; without a zone it is UTC."""
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
    """Return JSON text, compact unless an indent (in blanks) is given.

    Dates become texts, and letters beyond ASCII stay, as with ``JSON.stringify``.
    """
    if indent is None:
        return _COMPACT.encode(value)
    return json.dumps(value, default=_encode, ensure_ascii=False, indent=indent)


def _number(text: str) -> int | float:
    number = float(text)
    # From 1e21 on JavaScript writes an exponent, as Python does for floats only.
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def _no_constant(text: str) -> object:
    # Python's json accepts NaN and Infinity; JSON does not.
    raise ValueError(f"Unexpected token '{text[0]}', {text} is not valid JSON")


def _is_index(key: str) -> bool:
    return key.isdecimal() and key.isascii() and (key == "0" or key[0] != "0")


def _ordered(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members as JavaScript orders them: keys that are indices come first."""
    indices = [key for key in members if _is_index(key)]
    if not indices:
        return members
    return {key: members[key] for key in sorted(indices, key=int)} | members


_DECODER = json.JSONDecoder(object_hook=_ordered, parse_float=_number, parse_constant=_no_constant)


def parse_json(text: str) -> Any:
    """Return the value of a JSON text, with numbers and key order as in JavaScript.

    ``1.0`` is 1, keys that are indices come first, ``NaN`` and ``Infinity`` are refused. Raises
    ValueError for text that is no JSON.
    """
    return _DECODER.decode(text)


def truthy(value: object) -> bool:
    """Return whether a value is truthy in JavaScript: unlike in Python ``[]`` and ``{}`` are."""
    if isinstance(value, float) and math.isnan(value):
        return False
    if isinstance(value, list | dict):
        return True
    return bool(value)


def as_text(value: object) -> str:
    """Return ``String(value)``, such as ``1,2`` for a list and ``[object Object]``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(value)
    if isinstance(value, list):
        return ",".join(
            "" if item is None or item is UNDEFINED else as_text(item) for item in value
        )
    if isinstance(value, Mapping):
        return "[object Object]"
    if isinstance(value, datetime):
        # The form of Date.toString() on a machine whose time zone is UTC.
        utc = value.astimezone(UTC)
        return f"{utc:%a %b %d %Y %H:%M:%S} GMT+0000 (Coordinated Universal Time)"
    return str(value)


def _number_text(value: int | float) -> str:
    if isinstance(value, int):
        return str(value) if abs(value) < 10**21 else _number_text(float(value))
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    # repr of Python uses an exponent below 1e-4, JavaScript below 1e-6.
    if 1e-6 <= abs(value) < 1e-4:
        return f"{value:.20f}".rstrip("0") if float(f"{value:.20f}") == value else repr(value)
    # Exponents have no leading zero: 1e-7, not 1e-07.
    return re.sub(r"e([+-])0", r"e\1", repr(value))


def as_number(value: object) -> float:
    """Return ``Number(value)``: 0 for null, NaN for undefined and for text that is no number."""
    match value:
        case None:
            return 0.0
        case bool() | int() | float():
            return float(value)
        case datetime():
            return value.timestamp() * 1000
        case Undefined():
            return math.nan
        case _:
            return _parsed_number(as_text(value).strip())


def _parsed_number(text: str) -> float:
    if not text:
        return 0.0
    if _RADIX.fullmatch(text):
        return float(int(text, 0))
    return float(text) if _NUMERAL.fullmatch(text) else math.nan


def identical(left: object, right: object) -> bool:
    """Return ``left === right``; lists and objects are identical only to themselves."""
    kind = _kind(left)
    if kind != _kind(right):
        return False
    return left is right if kind == "object" else left == right


def loosely_equal(left: object, right: object) -> bool:
    """Return ``left == right`` with its conversions.

    Example: ``loosely_equal(5, "5")`` and ``loosely_equal(None, UNDEFINED)`` are True.
    """
    kinds = {_kind(left), _kind(right)}
    if len(kinds) == 1:
        return identical(left, right)
    if kinds & {"null", "undefined"}:
        return kinds == {"null", "undefined"}
    # The order of these conversions is that of ECMAScript, IsLooselyEqual.
    if "boolean" in kinds:
        return loosely_equal(_unboxed(left), _unboxed(right))
    if "object" in kinds:
        return loosely_equal(_primitive(left), _primitive(right))
    return as_number(left) == as_number(right)


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case Undefined():
            return "undefined"
        # Before numbers, for in Python a bool is an int.
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case _:
            return "object"


def _unboxed(value: object) -> object:
    return int(value) if isinstance(value, bool) else value


def _primitive(value: object) -> object:
    return as_text(value) if _kind(value) == "object" else value
