"""JSONPath as the backend's library reads it, without scripts, parents and names.

See specification: action.validate. Names with or without ``$``, ``[name]``, ``[0]``, wildcards,
``..``, unions, slices, filters that compare a member with a literal. No port agrees even on plain
paths (``a[b]``, ``l.0``, ``l[-1]``, ``l.length``), so this one is our own; what it does not know is
refused by name when the backend starts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.failures import BootFailure, Thrown
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
_CONSTRUCTS = (("?(", "filter"), ("(", "script"), ("^", "parent"), ("~", "property name"))


@dataclass(frozen=True, slots=True)
class _Step:
    """What to take of a node: its kind, its text, and whether from everywhere below."""

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
    """A parsed path."""

    text: str
    steps: tuple[_Step, ...]

    @classmethod
    def parse(cls, text: str) -> "JsonPath":
        """The path of a text; raises BootFailure for what is not supported."""
        position = 1 if re.match(r"\$(?=[.\[]|$)", text) else 0
        steps: list[_Step] = []
        while position < len(text):
            step = _STEP.match(text, position)
            if step is None:
                raise BootFailure(
                    f"Error: the embedded backend reads no {_construct(text[position:])}"
                    f" in a JSONPath: '{text}'"
                )
            steps.append(_step(step))
            position = step.end()
        return cls(text, tuple(steps))

    def select(self, root: object) -> list[Any]:
        """The values that the path finds; null is a value."""
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
    """Whether an item passes a filter, which is JavaScript: nothing has no members."""
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
    other: object = literal[1:-1] if quoted else float(literal)
    match found["sign"]:
        case "===" | "!==":
            return identical(value, other) is (found["sign"] == "===")
        case "==" | "!=":
            return loosely_equal(value, other) is (found["sign"] == "==")
    if isinstance(value, str) and isinstance(other, str):
        left: Any = value
        right: Any = other
    else:
        left, right = as_number(value), as_number(other)
    order = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return bool(order[found["sign"]])


def _construct(rest: str) -> str:
    return next((name for sign, name in _CONSTRUCTS if sign in rest), "such step")


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
    if isinstance(node, list | str):
        if name == "length":
            return [len(node)]
        return [node[int(name)]] if name.isdecimal() and int(name) < len(node) else []
    return []
