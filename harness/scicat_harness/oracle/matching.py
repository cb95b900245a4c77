"""Matching of patterns by backtracking, with every step counted.

A pattern becomes a program of small steps, which is run on a text. Backends match by backtracking
as well, so a pattern that takes too many steps here keeps a backend busy, too. Source: ECMAScript,
"RegExp (Regular Expression) Objects", for letters, digits and line ends; the syntax is parsed by
Python, which has most of it in common.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

# The parser of ``re`` has no public name since ``sre_parse`` was deprecated in Python 3.11.
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser
from typing import Any

from scicat_harness.oracle.properties import property_of
from scicat_harness.oracle.work import TooMuch, bounded, spend

__all__ = ["CompiledPattern", "as_python", "compiled", "longest"]

_MOST_STEPS = 50_000
_LONGEST = 10_000
_LARGEST = 5_000
"""Steps of a program. Repetitions are written out, so ``a{1000}`` has a thousand."""
# \s of JavaScript: the byte order mark counts, too; Python's control characters 1c to 1f do not.
_SPACES = frozenset("\t\n\v\f\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff") | {
    chr(each) for each in range(0x2000, 0x200B)
}
# The dot of JavaScript excludes all four, that of Python the line feed only.
_LINE_ENDS = "\n\r\u2028\u2029"
Test = Callable[[str], bool]
Step = tuple[Any, ...]
"""``take test``, ``split first second``, ``jump to``, ``when kind``, ``save n``, ``same n``,
``moved n`` and ``look program behind negated``, ``end``."""


# ASCII only, as in JavaScript; Python counts digits and letters of all scripts.
def _is_digit(char: str) -> bool:
    return "0" <= char <= "9"


def _is_word(char: str) -> bool:
    return char == "_" or (char.isascii() and char.isalnum())


_KINDS: dict[Any, Test] = {
    codes.CATEGORY_DIGIT: _is_digit,
    codes.CATEGORY_NOT_DIGIT: lambda char: not _is_digit(char),
    codes.CATEGORY_WORD: _is_word,
    codes.CATEGORY_NOT_WORD: lambda char: not _is_word(char),
    codes.CATEGORY_SPACE: _SPACES.__contains__,
    codes.CATEGORY_NOT_SPACE: lambda char: char not in _SPACES,
}


def compiled(pattern: str, flags: int = 0) -> CompiledPattern:
    """Return the program of a pattern, compiled once.

    ``flags`` are those of ``re``. Raises ``re.error`` for an invalid pattern and TooMuch for one
    that is too large.
    """
    made = _compiled(pattern, flags)
    if isinstance(made, CompiledPattern):
        return made
    raise made


def as_python(pattern: str, *, unicode: bool) -> str:
    """Return a pattern of JavaScript in the syntax of Python.

    Named groups such as ``(?<a>x)\\k<a>`` are written in another way, and with ``unicode`` (flag
    u) code points such as ``\\u{1f600}``, too.
    """
    pattern = re.sub(r"\(\?<(?![=!])", "(?P<", pattern)
    pattern = re.sub(r"\\k<(\w+)>", r"(?P=\1)", pattern)
    if not unicode:
        return pattern
    return re.sub(r"(?<!\\)((?:\\\\)*)\\u\{([0-9a-fA-F]{1,6})\}", _code_point, pattern)


def _code_point(found: re.Match[str]) -> str:
    return f"{found[1]}\\U{int(found[2], 16):08x}"


_NO_LEAST = re.compile(r"(?<!\\)\{(?=,\d*\})")


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: int) -> CompiledPattern | TooMuch | re.error:
    # Errors are kept, too: the cache does not keep what is raised. Without their traceback, which
    # would keep the frames alive.
    try:
        return CompiledPattern(pattern, flags)
    except (TooMuch, re.error) as error:
        return error.with_traceback(None)


def longest(pattern: str) -> int:
    """Return the length of the longest text that the pattern matches, without open repetitions.

    An open repetition counts with its least number, but at least once: ``a{2}b*`` has length 3.
    Positions such as ``^`` count as a character.
    """
    return _longest(parser.parse(pattern))


def _longest(tree: Iterable[tuple[Any, Any]]) -> int:
    total = 0
    for code, value in tree:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            least, most, inner = value
            total += max(least, 1 if most is codes.MAXREPEAT else most) * _longest(inner)
        elif code is codes.BRANCH:
            total += max(_longest(each) for each in value[1])
        elif code is codes.SUBPATTERN:
            total += _longest(value[3])
        elif code in (codes.ASSERT, codes.ASSERT_NOT):
            total += _longest(value[1])
        else:
            total += 1
    return total


class CompiledPattern:
    """A compiled pattern.

    Raises ``re.error`` if the pattern is invalid, and TooMuch if it is longer than 10,000
    characters, nested too deeply, or has more than 5,000 steps.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        if len(pattern) > _LONGEST:
            raise TooMuch(f"a pattern is longer than {_LONGEST:,} characters")
        # In JavaScript a repetition needs its least number; without one it is a text.
        pattern = _NO_LEAST.sub(r"\\{", pattern)
        try:
            tree = parser.parse(pattern, flags & ~re.UNICODE)
        except RecursionError:
            raise TooMuch("a pattern is nested too deeply") from None
        except OverflowError:
            raise TooMuch("a pattern repeats something too often") from None
        self._flags = tree.state.flags
        # Slots keep positions while the program runs: first those of groups, then marks of our own.
        self._slots = tree.state.groups
        self._steps: list[Step] = []
        try:
            self._sequence(tree)
        except RecursionError:
            raise TooMuch("a pattern is nested too deeply") from None
        self._add("end")

    def is_found(self, text: str) -> bool:
        """Return whether the pattern is found anywhere in the text.

        Raises TooMuch after 50,000 steps.
        """
        with bounded(_MOST_STEPS, "a pattern"):
            return any(self._matches(text, at) for at in range(len(text) + 1))

    def _add(self, *step: Any) -> int:
        if len(self._steps) >= _LARGEST:
            raise TooMuch(f"a pattern has more than {_LARGEST:,} parts when written out")
        self._steps.append(step)
        return len(self._steps) - 1

    def _sequence(self, tree: Iterable[tuple[Any, Any]]) -> None:
        for code, value in tree:
            self._node(code, value)

    def _node(self, code: Any, value: Any) -> None:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            self._repeat(*value, greedy=code is codes.MAX_REPEAT)
        elif code is codes.BRANCH:
            self._branch(value[1])
        elif code is codes.SUBPATTERN:
            self._group(value[0], value[3])
        elif code in (codes.ASSERT, codes.ASSERT_NOT):
            self._look(value[0] < 0, value[1], negated=code is codes.ASSERT_NOT)
        elif code is codes.AT:
            self._add("when", value)
        elif code is codes.GROUPREF:
            self._add("same", value)
        else:
            self._add("take", self._test(code, value))

    def _repeat(self, least: int, most: Any, tree: Any, *, greedy: bool) -> None:
        for _ in range(least):
            before = len(self._steps)
            self._sequence(tree)
            # An empty body stays empty however often it is repeated: ``(?:){1000000}``.
            if len(self._steps) == before:
                return
        if most is codes.MAXREPEAT:
            mark, self._slots = self._slots, self._slots + 1
            loop = self._add("split")
            self._add("save", mark)
            self._sequence(tree)
            # A turn that consumes nothing fails: it could be repeated for ever.
            self._add("moved", mark)
            self._add("jump", loop)
            self._split(loop, greedy=greedy)
            return
        loops = []
        for _ in range(most - least):
            loops.append(self._add("split"))
            self._sequence(tree)
        for loop in loops:
            self._split(loop, greedy=greedy)

    # The first way is tried first: into the loop if greedy, behind it if not.
    def _split(self, at: int, *, greedy: bool) -> None:
        ways = (at + 1, len(self._steps))
        self._steps[at] = ("split", *(ways if greedy else ways[::-1]))

    def _branch(self, trees: list[Any]) -> None:
        ends = []
        for tree in trees[:-1]:
            split = self._add("split")
            self._sequence(tree)
            ends.append(self._add("jump"))
            self._split(split, greedy=True)
        self._sequence(trees[-1])
        for end in ends:
            self._steps[end] = ("jump", len(self._steps))

    def _group(self, number: int | None, tree: Any) -> None:
        if number is None:
            self._sequence(tree)
            return
        mark, self._slots = self._slots, self._slots + 1
        self._add("save", mark)
        self._sequence(tree)
        self._add("keep", number, mark)

    def _look(self, behind: bool, tree: Any, *, negated: bool) -> None:
        # A program of its own, with the flags and slots of this one: it must not consume text.
        inner = CompiledPattern("")
        inner._flags, inner._slots, inner._steps = self._flags, self._slots, []
        inner._sequence(tree)
        inner._add("end")
        self._slots = inner._slots
        # Python requires a fixed width behind, so it is clear where to begin.
        self._add("look", inner, tree.getwidth()[0] if behind else 0, negated)

    def _test(self, code: Any, value: Any) -> Test:
        exact = self._exact(code, value)
        if not self._flags & re.IGNORECASE:
            return exact
        # A negated class must not contain either case, any other has to match one of them.
        if code is codes.NOT_LITERAL or (code is codes.IN and value[0][0] is codes.NEGATE):
            return lambda char: all(exact(each) for each in (char.lower(), char.upper()))
        return lambda char: exact(char) or exact(char.lower()) or exact(char.upper())

    def _exact(self, code: Any, value: Any) -> Test:
        if code is codes.LITERAL:
            return property_of(value) or chr(value).__eq__
        if code is codes.NOT_LITERAL:
            excluded = self._exact(codes.LITERAL, value)
            return lambda char: not excluded(char)
        if code is codes.ANY:
            ends = "" if self._flags & re.DOTALL else _LINE_ENDS
            return lambda char: char not in ends
        if code is codes.RANGE:
            return lambda char: value[0] <= ord(char) <= value[1]
        if code is codes.CATEGORY:
            return _KINDS[value]
        if code is codes.IN:
            negated = value[0][0] is codes.NEGATE
            tests = [self._exact(*each) for each in value[negated:]]
            return lambda char: any(test(char) for test in tests) is not negated
        # Such as possessive quantifiers and atomic groups, which JavaScript does not have.
        raise TooMuch("a pattern has a part that JavaScript does not support")

    def _matches(self, text: str, start: int) -> bool:
        # Alternatives that are still to be tried, the latest first: a stack instead of recursion,
        # so that long texts do not exhaust Python's. ``kept`` is copied, never changed.
        ways: list[tuple[int, int, dict[int, Any]]] = [(0, start, {})]
        while ways:
            at, place, kept = ways.pop()
            while True:
                spend()
                name, *given = self._steps[at]
                if name == "end":
                    return True
                if name == "split":
                    ways.append((given[1], place, kept))
                    at = given[0]
                elif name == "jump":
                    at = given[0]
                elif name == "save":
                    kept, at = {**kept, given[0]: place}, at + 1
                elif name == "keep":
                    kept, at = {**kept, given[0]: text[kept[given[1]] : place]}, at + 1
                elif (further := self._advance(name, given, text, place, kept)) is not None:
                    at, place = at + 1, further
                else:
                    break
        return False

    def _advance(
        self, name: str, given: list[Any], text: str, place: int, kept: dict[int, Any]
    ) -> int | None:
        """Return the position after a step that can fail; None if it fails."""
        if name == "take":
            return place + 1 if place < len(text) and given[0](text[place]) else None
        if name == "moved":
            return place if place != kept[given[0]] else None
        if name == "same":
            # In JavaScript a group that took no part matches the empty text; in Python it fails.
            same = kept.get(given[0], "")
            return place + len(same) if text.startswith(same, place) else None
        if name == "look":
            program, width, negated = given
            start = place - width
            found = start >= 0 and program._matches(text, start)
            return place if found is not negated else None
        return place if self._is_at(given[0], text, place) else None

    def _is_at(self, kind: Any, text: str, place: int) -> bool:
        # Without flag m, $ is the end of the text; in Python also the place before a last newline.
        lines = bool(self._flags & re.MULTILINE)
        if kind in (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING):
            return place == 0 or (lines and text[place - 1] in _LINE_ENDS)
        if kind in (codes.AT_END, codes.AT_END_STRING):
            return place == len(text) or (lines and text[place] in _LINE_ENDS)
        before = place > 0 and _is_word(text[place - 1])
        after = place < len(text) and _is_word(text[place])
        return (before is not after) is (kind is codes.AT_BOUNDARY)
