"""Regular expressions with the meaning that JavaScript gives them.

See specification: templates.helpers, action.switch. The engine is ECMAScript; ``g`` remembers from
one call to the next where it was, which is how a switch comes to alternate.
"""

import re
from typing import Any

from scicat_harness.embedded.failures import Thrown

__all__ = ["JsRegex"]

_FLAGS = frozenset("dgimsuvy")
_LITERAL = re.compile(r"/(.*)/([a-zA-Z]*)", re.DOTALL)

_COMPLAINTS = {
    "Backreference to invalid named capture group": "Invalid named capture referenced",
    "Incomplete escape": "\\ at end of pattern",
    "Invalid atom character": "Nothing to repeat",
    "Invalid braced quantifier": "Nothing to repeat",
    "Invalid group modifier": "Invalid group",
    "Invalid quantifier": "numbers out of order in {} quantifier",
    "Invalid token at named capture group identifier": "Invalid capture group name",
    "Invalid unicode escape": "Invalid Unicode escape",
    "Range values reversed": "Range out of order in character class",
    "Unbalanced bracket": "Unterminated character class",
    "Unbalanced parenthesis": "Unterminated group",
}
"""How the engine's complaints begin, and what the real backend's engine says instead."""
_NO_PARENTHESIS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|[^()\\\[]", re.DOTALL)


class JsRegex:
    """One compiled expression, with the place where ``g`` goes on."""

    def __init__(self, pattern: str, flags: str = "") -> None:
        """Compile; raises Thrown with the name SyntaxError."""
        # Imported late: few configurations need it.
        import regress

        if len(set(flags)) < len(flags) or not _FLAGS.issuperset(flags):
            raise Thrown(f"Invalid flags supplied to RegExp constructor '{flags}'", "SyntaxError")
        if "y" in flags:
            raise Thrown("the embedded backend does not support the sticky flag 'y'")
        try:
            self._engine: Any = regress.Regex(pattern, "".join(sorted(set(flags) & set("imsuv"))))
        except regress.RegressError as error:
            complaint = _complaint(pattern, str(error))
            raise Thrown(
                f"Invalid regular expression: /{pattern}/{flags}: {complaint}", "SyntaxError"
            ) from None
        self._keeps_place = "g" in flags
        self._place = 0

    @classmethod
    def literal(cls, text: str) -> "JsRegex":
        """The expression of a text such as ``/ab+/i``; raises Thrown."""
        parts = _LITERAL.fullmatch(text)
        if parts is None:
            raise Thrown(f"Expected slash-delimited regex. Got '{text}'")
        return cls(parts[1], parts[2])

    def test(self, text: str) -> bool:
        """``RegExp.prototype.test``."""
        text = text.encode("utf-8", errors="replace").decode()
        if not self._keeps_place:
            return self._engine.find(text) is not None
        for found in self._engine.find_iter(text):
            place = found.range()
            if _units(text, place.start) >= self._place:
                self._place = _units(text, place.stop)
                return True
        self._place = 0
        return False


def _complaint(pattern: str, text: str) -> str:
    if text == "Unbalanced parenthesis" and _closes_too_often(pattern):
        return "Unmatched ')'"
    return next((said for begin, said in _COMPLAINTS.items() if text.startswith(begin)), text)


def _closes_too_often(pattern: str) -> bool:
    depth = 0
    for parenthesis in _NO_PARENTHESIS.sub("", pattern):
        depth += 1 if parenthesis == "(" else -1
        if depth < 0:
            return True
    return False


def _units(text: str, offset: int) -> int:
    """An offset in UTF-8, which the engine counts, in the UTF-16 that JavaScript counts."""
    before = text.encode()[:offset].decode()
    return len(before.encode("utf-16-le")) // 2
