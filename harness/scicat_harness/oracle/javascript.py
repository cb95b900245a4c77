"""JavaScript's loose equality, conversions to text, and patterns, as far as switches need them.

Source: specification: action.switch; documentation page jobconfig.md ("loose equality");
ECMAScript, abstract operation IsLooselyEqual, for the types of JSON.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from scicat_harness.oracle.matching import as_python, compiled
from scicat_harness.oracle.properties import with_placeholders
from scicat_harness.oracle.work import TooMuch

__all__ = ["UNDEFINED", "DateValue", "Pattern", "is_text", "loosely_equal", "shown"]


class DateValue(str):
    """A ``Date`` of JavaScript, an object without properties of its own; its text is a name.

    Names such as ``$time_createdAt_own`` stand for times that only a run knows.
    """

    __slots__ = ()


class _Undefined:
    def __repr__(self) -> str:
        return "undefined"


_DECIMAL = re.compile(r"[+-]?(Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", re.ASCII)
_RADIX = re.compile(r"0([xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
"""Texts that JavaScript converts to a number; Python converts others, too, such as ``1_000``."""
UNDEFINED = _Undefined()
"""The value at a path without a value; not equal to any JSON value but, loosely, null."""


def loosely_equal(left: object, right: object) -> bool:
    """Return whether ``left == right`` in JavaScript, for JSON values and undefined.

    ``loosely_equal(5, "5")`` and ``loosely_equal(None, UNDEFINED)`` are True.
    """
    if isinstance(left, DateValue) or isinstance(right, DateValue):
        # It equals the text that it has at this moment, which no configuration has.
        return left is right
    # null and undefined equal each other and nothing else.
    if _is_nothing(left) or _is_nothing(right):
        return _is_nothing(left) and _is_nothing(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if _is_object(left) and _is_object(right):
        # Objects and lists are equal only if they are the same one.
        return left is right
    return (
        _number(left) == _number(right)
        if not _compared_as_text(left, right)
        else _as_text(left) == _as_text(right)
    )


def is_text(value: object) -> TypeGuard[str]:
    """Return whether a value is a text to JavaScript: a date is none."""
    return isinstance(value, str) and not isinstance(value, DateValue)


def _is_nothing(value: object) -> bool:
    return value is None or value is UNDEFINED


def _is_object(value: object) -> bool:
    return isinstance(value, list | dict)


def _compared_as_text(left: object, right: object) -> bool:
    """Return whether both become text before they are compared; else they become numbers."""
    kinds = (left, right)
    return all(isinstance(each, str) or _is_object(each) for each in kinds)


def _number(value: object) -> float:
    if isinstance(value, bool | int | float):
        return float(value)
    text = _as_text(value).strip()
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _RADIX.fullmatch(text):
        return float(int(text, 0))
    # Text without a number is NaN, which equals nothing; an empty one is 0.
    return math.nan if text else 0.0


def _as_text(value: object) -> str:
    if isinstance(value, Mapping):
        return "[object Object]"
    if isinstance(value, Sequence) and not isinstance(value, str):
        # The elements of a list are joined; null and undefined become empty.
        return ",".join("" if _is_nothing(each) else _as_text(each) for each in value)
    return shown(value)


def shown(value: object) -> str:
    """Return the text of a value in a message, as JavaScript writes it.

    ``shown([1, None])`` is ``"1,"``, ``shown({})`` is ``"[object Object]"``.
    """
    if _is_object(value):
        return _as_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    # JavaScript has one type of number: 5.0 is written 5.
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return repr(value) if value is UNDEFINED else str(value)


class Pattern:
    """A pattern in the form ``/.../flags``.

    ``remembers`` is True for flags ``g`` and ``y``, with which JavaScript keeps the position of the
    last match between calls. Raises TooMuch as :func:`matching.compiled` does, and for a pattern
    that JavaScript reads and Python does not, such as ``/\\p{Script=Greek}/u``.
    """

    def __init__(self, written: str) -> None:
        # From the right, because the pattern itself may contain slashes.
        body, _, flags = written[1:].rpartition("/")
        chosen = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
        self.remembers = "g" in flags or "y" in flags
        body = as_python(body, unicode="u" in flags)
        if "y" in flags:
            # From a new expression on, it must match at the beginning.
            body = rf"\A(?:{body})"
        wanted = sum((chosen[each] for each in flags if each in chosen), re.NOFLAG)
        try:
            # Without the flag u, \\p is the letter p.
            body = with_placeholders(body) if "u" in flags else body
            self._program = compiled(body, wanted)
        except re.error as error:
            # The reason becomes that of a case which is not verifiable, as with schemas.
            raise TooMuch(f"the regex {written} cannot be judged here: {error}") from None

    def found(self, value: str) -> bool:
        """Return whether the pattern is found in the value; raise TooMuch after 50,000 steps."""
        return self._program.is_found(value)
