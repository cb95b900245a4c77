"""Regular expressions with the meaning that JavaScript gives them.

Reads sections 7.4 and 7.11. The engine is an ECMAScript one; the flag ``g`` keeps its place from
one call to the next, which is how a switch comes to alternate (S31).
"""

import re
from typing import Any

from harness.embedded.failures import Thrown

__all__ = ["JsRegex"]

_FLAGS = frozenset("dgimsuvy")
_LITERAL = re.compile(r"/(.*)/([a-zA-Z]*)", re.DOTALL)


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
            raise Thrown(
                f"Invalid regular expression: /{pattern}/{flags}: {error}", "SyntaxError"
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


def _units(text: str, offset: int) -> int:
    """An offset in UTF-8, which the engine counts, in the UTF-16 that JavaScript counts."""
    before = text.encode()[:offset].decode()
    return len(before.encode("utf-16-le")) // 2
