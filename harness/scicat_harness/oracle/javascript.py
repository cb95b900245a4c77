"""JavaScript's notions of equality and patterns, as far as switch cases need them.

Source: documentation page jobconfig.md ("loose equality"); ECMAScript, abstract operation
IsLooselyEqual, for the types JSON has.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from scicat_harness.oracle.matching import compiled

__all__ = ["UNDEFINED", "Pattern", "loosely_equal", "shown"]


class _Undefined:
    def __repr__(self) -> str:
        return "undefined"


_DECIMAL = re.compile(r"[+-]?(Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", re.ASCII)
_RADIX = re.compile(r"0([xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
"""How JavaScript reads a number from text; Python reads others too."""
UNDEFINED = _Undefined()
"""What a path that leads nowhere gives."""


def loosely_equal(left: object, right: object) -> bool:
    """Whether ``left == right`` in JavaScript, for JSON values and undefined."""
    if _is_nothing(left) or _is_nothing(right):
        return _is_nothing(left) and _is_nothing(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if _is_object(left) and _is_object(right):
        return left is right
    return (
        _number(left) == _number(right)
        if not _texts(left, right)
        else _as_text(left) == _as_text(right)
    )


def _is_nothing(value: object) -> bool:
    return value is None or value is UNDEFINED


def _is_object(value: object) -> bool:
    return isinstance(value, list | dict)


def _texts(left: object, right: object) -> bool:
    """Whether both become text before they are compared."""
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
    return math.nan if text else 0.0


def _as_text(value: object) -> str:
    if isinstance(value, Mapping):
        return "[object Object]"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join("" if _is_nothing(each) else _as_text(each) for each in value)
    return shown(value)


def shown(value: object) -> str:
    """The value in a message."""
    if _is_object(value):
        return _as_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return repr(value) if value is UNDEFINED else str(value)


class Pattern:
    """A pattern written ``/.../flags``; ``turn`` counts the calls a global one has seen."""

    def __init__(self, written: str) -> None:
        body, _, flags = written[1:].rpartition("/")
        chosen = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
        self.remembers = "g" in flags or "y" in flags
        self._program = compiled(
            body, sum((chosen[each] for each in flags if each in chosen), re.NOFLAG)
        )

    def found(self, value: str) -> bool:
        """Whether the pattern is found in the value; TooMuch where that takes too long."""
        return self._program.is_found(value)
