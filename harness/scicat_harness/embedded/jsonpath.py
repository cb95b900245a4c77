"""JSONPath as the backend's library, JSONPath-Plus, interprets it.

See specification: action.validate. Supported: names with or without ``$``, ``[name]``, ``[0]``,
wildcards, ``..``, unions, slices, and filters that compare a member with a literal. Any other path
is left to JSONPath-Plus itself; without it such a path stops the start. No Python library agrees
even on plain paths (``a[b]``, ``l.0``, ``l[-1]``, ``l.length``), so this one is our own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.failures import Thrown
from scicat_harness.embedded.genuine import GENUINE
from scicat_harness.embedded.javascript import UNDEFINED, as_number, identical, loosely_equal

__all__ = ["JsonPath"]

_STEP = re.compile(
    r"""(?P<deep>\.\.)?\.?(?:
        \[(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<union>-?\d+(?:,-?\d+)+)
            |(?P<slice>-?\d*:-?\d*(?::\d*)?)|(?P<bare>[\w$-]+|\*)
            |\?\((?P<filter>@[.\w]*\s*(?:[=!]==?|[<>]=?)\s*(?:-?[\d.]+|'[^']*'|"[^"]*"))\))\]
        | (?P<name>[^.\[\]()?@^~,:`'"]+)
    )""",
    re.VERBOSE,
)
# Signs of what is not supported, with their names in the message; the first found counts.
_CONSTRUCTS = (("?(", "filter"), ("(", "script"), ("^", "parent"), ("~", "property name"))


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a path: its kind, its text, and True for ``..``."""

    kind: str
    text: str
    deep: bool

    def select(self, node: object) -> Iterator[Any]:
        for origin in _below(node) if self.deep else (node,):
            yield from self._children(origin)

    def _children(self, node: object) -> Iterator[Any]:
        match self.kind:
            case "wildcard":
                yield from _values(node)
            case "union":
                for number in self.text.split(","):
                    yield from _member(node, number)
            case "slice" if isinstance(node, list):
                yield from node[slice(*(int(n) if n else None for n in self.text.split(":")))]
            case "filter":
                yield from (each for each in _values(node) if _passes(self.text, each))
            case "name":
                yield from _member(node, self.text)


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A parsed path; ``steps`` is None for one that JSONPath-Plus itself must follow.

    Example: ``JsonPath.parse("$.jobParams.list[*].n").select(body)``.
    """

    text: str
    steps: tuple[_Step, ...] | None

    @classmethod
    def parse(cls, text: str) -> "JsonPath":
        """Return the parsed path; raise BootFailure if nothing here can follow it."""
        # The $ is optional, and a name may begin with it: $a is a name.
        position = 1 if re.match(r"\$(?=[.\[]|$)", text) else 0
        steps: list[_Step] = []
        while position < len(text):
            step = _STEP.match(text, position)
            if step is None:
                construct = _construct(text[position:])
                GENUINE.require(f"this {construct} in a JSONPath", f"Or rewrite the path '{text}'.")
                return cls(text, None)
            steps.append(_step(step))
            position = step.end()
        return cls(text, tuple(steps))

    def select(self, root: object) -> list[Any]:
        """Return the values at the path, in the order of the document; null is a value.

        Raises Thrown ``TypeError`` if a filter reads a member of null (specification:
        action.validate).
        """
        if self.steps is None:
            return GENUINE.select(self.text, root)
        # Values, not places: duplicates stay, and a switch may find one value several times.
        found = [root]
        for step in self.steps:
            found = [value for node in found for value in step.select(node)]
        return found


def _step(found: re.Match[str]) -> _Step:
    kind = next(name for name, text in found.groupdict().items() if text and name != "deep")
    text = found[kind]
    deep = found["deep"] is not None
    if kind in ("union", "slice", "filter"):
        return _Step(kind, text, deep)
    wildcard = text == "*" and kind in ("bare", "name")
    return _Step("wildcard" if wildcard else "name", text, deep)


_COMPARISON = re.compile(r"@(?P<path>[.\w]*)\s*(?P<sign>[=!<>]+)\s*(?P<literal>.+)", re.DOTALL)


def _passes(text: str, item: object) -> bool:
    """Return whether an item passes a filter, a comparison as in JavaScript.

    Raises Thrown for a member of null or undefined, as JavaScript does.
    """
    found = _COMPARISON.fullmatch(text)
    assert found is not None
    value: object = item
    for name in filter(None, found["path"].split(".")):
        if value is None or value is UNDEFINED:
            shown = "null" if value is None else "undefined"
            raise Thrown(f"Cannot read properties of {shown} (reading '{name}')", "TypeError")
        value = next(iter(_member(value, name)), UNDEFINED)
    literal = found["literal"].strip()
    quoted = literal[0] in "'\""
    # A number compares equal to an int of the document, as JavaScript has one type of numbers.
    other: object = literal[1:-1] if quoted else float(literal)
    match found["sign"]:
        case "===" | "!==":
            return identical(value, other) is (found["sign"] == "===")
        case "==" | "!=":
            return loosely_equal(value, other) is (found["sign"] == "==")
    # Two texts are compared as texts, anything else as numbers.
    if isinstance(value, str) and isinstance(other, str):
        left: Any = value
        right: Any = other
    else:
        left, right = as_number(value), as_number(other)
    order = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return bool(order[found["sign"]])


def _construct(rest: str) -> str:
    return next((name for sign, name in _CONSTRUCTS if sign in rest), "step")


def _below(node: object) -> Iterator[object]:
    yield node
    for value in _values(node):
        if isinstance(value, dict | list):
            yield from _below(value)


def _values(node: object) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return list(node) if isinstance(node, list) else []


def _member(node: object, name: str) -> list[Any]:
    if isinstance(node, dict):
        return [node[name]] if name in node else []
    # A text has indices and a length, too, as in JavaScript.
    if isinstance(node, list | str):
        if name == "length":
            return [len(node)]
        return [node[int(name)]] if name.isdecimal() and int(name) < len(node) else []
    return []
