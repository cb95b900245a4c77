"""Unicode properties in patterns, such as ``\\p{Lu}``, which JavaScript has and Python has not.

A pattern gets one character of a private area in the place of each property, and whoever matches it
asks here whether a character has that property. Source: ECMAScript, "Unicode property escapes":
general categories, by short or long name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

__all__ = ["plainly", "property_of", "with_placeholders"]

_LONG_NAMES = {
    "Letter": "L",
    "Uppercase_Letter": "Lu",
    "Lowercase_Letter": "Ll",
    "Mark": "M",
    "Number": "N",
    "Decimal_Number": "Nd",
    "Punctuation": "P",
    "Symbol": "S",
    "Separator": "Z",
    "Space_Separator": "Zs",
    "Other": "C",
}
_CATEGORIES = (
    *("L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No"),
    *("P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So"),
    *("Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cn"),
)
_PROPERTY = re.compile(r"(?<!\\)((?:\\\\)*)\\([pP])\{(?:(?:gc|General_Category)=)?(\w+)\}")
_FIRST = 0x10F000
"""The first placeholder: categories from here on, and from ``_NEGATED`` on what they leave out."""
_NEGATED = _FIRST + 0x100
# What stands for a category in a text that somebody reads.
_PLAIN = {"L": "a-zA-Z", "Lu": "A-Z", "Ll": "a-z", "N": "0-9", "Nd": "0-9", "Z": " ", "Zs": " "}


def with_placeholders(pattern: str) -> str:
    """Return a pattern with a placeholder for each property.

    Raises ``re.error`` for a property that is not a general category.
    """
    return _PROPERTY.sub(lambda found: found[1] + chr(_placeholder(found)), pattern)


def property_of(code: int) -> Callable[[str], bool] | None:
    """Return the test of a property by the code of its placeholder, None for another code."""
    negated = code >= _NEGATED
    number = code - (_NEGATED if negated else _FIRST)
    if not 0 <= number < len(_CATEGORIES):
        return None
    category = _CATEGORIES[number]
    return lambda char: unicodedata.category(char).startswith(category) is not negated


def plainly(pattern: str) -> str:
    """Return a pattern with characters of ASCII in the place of each property, as far as known.

    plainly(r"^[\\p{L}_]+$")  # "^[a-zA-Z_]+$"
    """
    return _PROPERTY.sub(_plain, pattern)


def _placeholder(found: re.Match[str]) -> int:
    category = _LONG_NAMES.get(found[3], found[3])
    if category not in _CATEGORIES:
        raise re.error(f"the property {found[3]} is not known here")
    return (_FIRST if found[2] == "p" else _NEGATED) + _CATEGORIES.index(category)


def _plain(found: re.Match[str]) -> str:
    category = _LONG_NAMES.get(found[3], found[3])
    chars = _PLAIN.get(category)
    if found[2] == "P" or chars is None:
        return found[0]
    before = found.string[: found.start()]
    within = before.count("[") > before.count("]")
    return found[1] + (chars if within else f"[{chars}]")
