"""``formatUnit``: a number with its unit, in the most readable prefix, as math.js formats it.

See specification: templates.helpers. A prefix that makes the number less than 0.1 or more than 1000
is replaced by the one that brings it nearest to 16; numbers beyond five digits are written with an
exponent.
"""

import math
import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from scicat_harness.embedded.failures import Thrown
from scicat_harness.embedded.javascript import Undefined, as_number, as_text

__all__ = ["format_unit", "in_si_units"]

_SHORT = {
    "": 0, "da": 1, "h": 2, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18, "Z": 21, "Y": 24,
    "R": 27, "Q": 30, "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18,
    "z": -21, "y": -24, "r": -27, "q": -30,
}  # fmt: skip
_LONG = {
    "": 0, "deca": 1, "hecto": 2, "kilo": 3, "mega": 6, "giga": 9, "tera": 12, "peta": 15,
    "exa": 18, "zetta": 21, "yotta": 24, "deci": -1, "centi": -2, "milli": -3, "micro": -6,
    "nano": -9, "pico": -12, "femto": -15, "atto": -18,
}  # fmt: skip
# Prefixes that are read but never chosen.
_UNSCIENTIFIC = frozenset({"da", "h", "d", "c", "deca", "hecto", "deci", "centi"})
_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
# "exi" is the spelling of the library.
_BINARY_LONG = ("kibi", "mebi", "gibi", "tebi", "pebi", "exi", "zebi", "yobi")


def _decimal(exponents: dict[str, int]) -> dict[str, float]:
    return {name: 10.0**exponent for name, exponent in exponents.items()}


def _storage(exponents: dict[str, int], binary: tuple[str, ...]) -> dict[str, float]:
    large = {name: 10.0**power for name, power in exponents.items() if power == 0 or power > 2}
    # The newest prefixes of the SI are not among those of bits and bytes.
    for drop in ("R", "Q"):
        large.pop(drop, None)
    return large | {name: 1024.0 ** (index + 1) for index, name in enumerate(binary)}


_SI, _SI_LONG = _decimal(_SHORT), _decimal(_LONG)
_BYTES, _BYTES_LONG = _storage(_SHORT, _BINARY), _storage(_LONG, _BINARY_LONG)
_SI_UNITS = frozenset({"m", "s", "A", "K", "mol", "cd", "Hz", "N", "Pa", "J", "W", "C", "V", "F"})
_PREFIXES: dict[str, dict[str, float]] = {
    "B": _BYTES,
    "b": _BYTES,
    **dict.fromkeys(("byte", "bytes", "bit", "bits"), _BYTES_LONG),
    **dict.fromkeys(
        ("m", "s", "g", "A", "K", "mol", "cd", "Hz", "N", "Pa", "J", "W", "C", "V", "F", "ohm",
         "S", "Wb", "T", "H", "eV", "L", "l"),
        _SI,
    ),
    **dict.fromkeys(
        ("meter", "meters", "second", "seconds", "gram", "grams", "ampere", "kelvin", "hertz",
         "newton", "pascal", "joule", "watt", "volt", "tesla", "henry", "farad"),
        _SI_LONG,
    ),
    **dict.fromkeys(  # noqa: RUF024
        ("minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "deg", "degC",
         "min", "h"),
        {"": 1.0},
    ),
}  # fmt: skip


def format_unit(
    number: object, unit: object, precision: object = 2, notation: object = "auto"
) -> str:
    """Return the text of a number with its unit, such as ``50 MiB`` for ``52428800, "B"``.

    ``precision`` are significant digits with notation ``auto``, decimals with ``fixed``. Raises
    Thrown for anything that is no number, and for an unknown unit.
    """
    _check_types(number, unit)
    name = as_text(unit)
    value = as_number(number)
    if math.isnan(value) and not isinstance(number, int | float):
        raise Thrown(f'Cannot convert "{as_text(number)}" to a number')
    base, prefix = _split(name)
    prefixes = _PREFIXES[base]
    amount = value * prefixes[prefix]
    best = _best(amount, prefixes, prefix)
    digits = _digits(precision)
    shown = amount / prefixes[best]
    text = f"{shown:.{digits}f}" if notation == "fixed" else _rounded(shown, digits)
    return f"{text} {best}{base}"


def in_si_units(value: object, unit: object) -> tuple[object, object]:
    """Return a number and its unit without prefix: ``(2, "mm")`` becomes ``(0.002, "m")``.

    Units that are none of the SI, and values that are no numbers, stay as they are.
    """
    if not isinstance(value, int | float) or not isinstance(unit, str):
        return value, unit
    found = next((each for each in sorted(_SI_UNITS) if unit.endswith(each)), None)
    prefix = unit.removesuffix(found) if found is not None else None
    if prefix not in _SI:
        return value, unit
    return value * _SI[prefix], found


def _check_types(number: object, unit: object) -> None:
    """Raise Thrown for arguments of other types, with the message of the library."""
    if isinstance(number, list):
        raise Thrown("Too many arguments in function unit (expected: 1, actual: 2)", "TypeError")
    for index, value, accepted in ((0, number, _NUMERIC), (1, unit, _TEXTUAL)):
        kind = _kind(value)
        if kind not in accepted:
            raise Thrown(
                "Unexpected type of argument in function unit"
                f" (expected: {' or '.join(accepted)}, actual: {kind}, index: {index})",
                "TypeError",
            )


_TEXTUAL = ("Unit", "string", "boolean")
_NUMERIC = ("number", "BigNumber", "Fraction", "Unit", "string", "Array", "Matrix", "Complex",
            "bigint", "boolean")  # fmt: skip


def _kind(value: object) -> str:
    """Return the name of a value's type in messages of the library."""
    match value:
        case None:
            return "identifier | null"
        case Undefined():
            return "identifier | undefined"
        case bool():
            return "boolean"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "Array"
        case datetime():
            return "Date"
        case _:
            return "Object"


def _split(name: str) -> tuple[str, str]:
    if not name:
        raise Thrown('"" contains no units', "SyntaxError")
    # Longer units first, so that no prefix is read out of the name of a unit.
    for base in sorted(_PREFIXES, key=len, reverse=True):
        prefix = name.removesuffix(base)
        if name.endswith(base) and prefix in _PREFIXES[base]:
            return base, prefix
    raise Thrown(f'Unit "{name}" not found.', "SyntaxError")


def _best(amount: float, prefixes: dict[str, float], given: str) -> str:
    if amount == 0 or math.isinf(amount):
        return given

    # 10 ** 1.2 is about 16. Of equally good prefixes the shorter one is chosen.
    def beyond(name: str) -> float:
        return math.log10(abs(amount) / prefixes[name]) - 1.2

    # The given prefix stays for numbers from 0.1 to 1000 (observed with math.js 14.8 and 15.2).
    if -2.200001 < beyond(given) < 1.800001:
        return given
    tried = [given, *(name for name in prefixes if name not in _UNSCIENTIFIC)]
    return min(tried, key=lambda name: (abs(beyond(name)), len(name)))


def _digits(precision: Any) -> int:
    number = as_number(precision)
    if math.isnan(number) or not 0 <= number <= 64:
        raise Thrown('Option "precision" must be a positive integer or zero')
    return int(number)


def _rounded(value: float, digits: int) -> str:
    if value == 0 or math.isinf(value):
        return as_text(0 if value == 0 else value)
    # Decimal, since rounding half up has to see the digits as written, not the binary value.
    exact = Decimal(repr(value))
    places = exact.adjusted()
    if digits:
        exact = exact.quantize(Decimal(1).scaleb(places - digits + 1), rounding=ROUND_HALF_UP)
        places = exact.adjusted()
    if -3 <= places < 5:
        text = f"{exact:f}"
        return re.sub(r"\.?0+$", "", text) if "." in text else text
    mantissa = f"{exact.scaleb(-places):f}"
    if "." in mantissa:
        mantissa = re.sub(r"\.?0+$", "", mantissa)
    return f"{mantissa}e{'+' if places > 0 else '-'}{abs(places)}"
