"""JavaScript regular expressions, with the state that the flags ``g`` and ``y`` keep.

See specification: templates.helpers, action.switch. The engine, ``regress``, implements ECMAScript.
With ``g`` an expression goes on behind its last match, so that a switch matches every other time;
with ``y`` it must match right there.
"""

import re
from typing import Any

from scicat_harness.embedded.failures import Thrown

__all__ = ["JsRegex"]

_FLAGS = frozenset("dgimsuvy")
_LITERAL = re.compile(r"/(.*)/([a-zA-Z]*)", re.DOTALL)

_MESSAGES = {
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
"""Beginnings of the engine's error messages, and the messages of the real backend's engine."""
# Escapes, character classes, and any character but a parenthesis.
_NO_PARENTHESIS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|[^()\\\[]", re.DOTALL)


class JsRegex:
    """A compiled expression.

    With the flag ``g`` or ``y`` it is stateful, as ``lastIndex`` makes it in JavaScript: ``test``
    starts behind the last match, and from the beginning after a failure.
    """

    def __init__(self, pattern: str, flags: str = "") -> None:
        """Compile a pattern; raise Thrown ``SyntaxError`` for a bad pattern or bad flags."""
        # Imported late: few configurations need it.
        import regress

        if len(set(flags)) < len(flags) or not _FLAGS.issuperset(flags):
            raise Thrown(f"Invalid flags supplied to RegExp constructor '{flags}'", "SyntaxError")
        # The others change no result of ``test``, except ``g`` and ``y``, which are handled here.
        self._pattern, self._flags = pattern, "".join(sorted(set(flags) & set("imsuv")))
        try:
            self._engine: Any = regress.Regex(pattern, self._flags)
        except regress.RegressError as error:
            message = _message(pattern, str(error))
            raise Thrown(
                f"Invalid regular expression: /{pattern}/{flags}: {message}", "SyntaxError"
            ) from None
        self._is_global = "g" in flags
        self._is_sticky = "y" in flags
        self._last_index = 0

    @classmethod
    def literal(cls, text: str) -> "JsRegex":
        """Return the expression of a text such as ``/ab+/i``; raise Thrown for any other text."""
        parts = _LITERAL.fullmatch(text)
        if parts is None:
            raise Thrown(f"Expected slash-delimited regex. Got '{text}'")
        return cls(parts[1], parts[2])

    def test(self, text: str) -> bool:
        """Return whether the pattern is found in the text, as ``RegExp.prototype.test``."""
        # The engine refuses half a surrogate pair, which a JSON text may hold.
        text = text.encode("utf-8", errors="replace").decode()
        if self._is_sticky:
            return self._test_in_place(text)
        if not self._is_global:
            return self._engine.find(text) is not None
        for found in self._engine.find_iter(text):
            place = found.range()
            if _utf16_offset(text, place.start) >= self._last_index:
                self._last_index = _utf16_offset(text, place.stop)
                return True
        self._last_index = 0
        return False

    def _test_in_place(self, text: str) -> bool:
        """Return whether the pattern matches exactly where the last match ended (flag ``y``)."""
        import regress

        units = text.encode("utf-16-le")
        before = units[: 2 * self._last_index]
        skipped = len(before.decode("utf-16-le", errors="ignore"))
        # Within a surrogate pair only an expression for code points finds something: the pair.
        within = len(before) > len(text[:skipped].encode("utf-16-le"))
        possible = 2 * self._last_index <= len(units) and not (
            within and not set("uv") & set(self._flags)
        )
        # Whatever the flags: [^] is any character, and before the first there is none.
        here = f"(?<=(?<![^])[^]{{{skipped}}})(?:{self._pattern})"
        found = regress.Regex(here, self._flags).find(text) if possible else None
        self._last_index = 0 if found is None else _utf16_offset(text, found.range().stop)
        return found is not None


def _message(pattern: str, text: str) -> str:
    # The engine has one message for two errors of JavaScript.
    if text == "Unbalanced parenthesis" and _closes_too_often(pattern):
        return "Unmatched ')'"
    return next((other for begin, other in _MESSAGES.items() if text.startswith(begin)), text)


def _closes_too_often(pattern: str) -> bool:
    depth = 0
    for parenthesis in _NO_PARENTHESIS.sub("", pattern):
        depth += 1 if parenthesis == "(" else -1
        if depth < 0:
            return True
    return False


def _utf16_offset(text: str, offset: int) -> int:
    """Return the offset in UTF-16 units (JavaScript) for one in UTF-8 bytes (the engine)."""
    before = text.encode()[:offset].decode()
    return len(before.encode("utf-16-le")) // 2
