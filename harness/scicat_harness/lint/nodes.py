"""The nodes of a YAML text with their places, made from those of PyYAML.

PyYAML gives the structure only. Scalars are read by YAML 1.2, and an anchor may have any name, also
one that begins with another ``&``, as in js-yaml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from scicat_harness.lint.scalars import as_key, plain_value

__all__ = ["Node", "ShapeError", "compose", "other_reading"]

Path = tuple[str | int, ...]
_PLAIN = "plain"
_TEXT = "tag:yaml.org,2002:str"
# PyYAML's ends of a plain scalar in a flow collection, and the line breaks of YAML 1.1.
_END_OF_NAME = set("\0 \t\r\n\x85\u2028\u2029,[]{}")
# Nested aliases multiply: a few lines can stand for billions of values.
_MOST_NODES = 200_000


class ShapeError(Exception):
    """A text that is not YAML; ``line`` and ``column`` count from 1, or are 0 if unknown."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Node:
    """A mapping, a list or a scalar, and its place.

    ``kind`` is ``map``, ``list`` or ``scalar``. ``start`` and ``end`` are offsets into the text in
    characters; ``line`` and ``column`` count from 1.
    """

    kind: str
    start: int
    end: int
    line: int
    column: int
    value: Any = None
    style: str | None = None
    """The notation of a scalar or collection: ``"``, ``'``, ``|``, ``>``, ``flow`` or None."""
    entries: tuple[tuple[Node, Node], ...] = ()
    items: tuple[Node, ...] = ()

    def child(self, name: str | int) -> Node | None:
        """Return the value of a key, merged ones included, or of an index; None without it."""
        if isinstance(name, int):
            return self.items[name] if name < len(self.items) else None
        found = self.entry(name)
        return found[1] if found else None

    def entry(self, name: str) -> tuple[Node, Node] | None:
        """Return key and value of a name; own keys come before merged ones (``<<``)."""
        for key, value in self.entries:
            if as_key(key.data()) == name:
                return key, value
        for key, value in self.entries:
            if _merges(key):
                # A merge takes one mapping or a list of them.
                for each in value.items or (value,):
                    found = each.entry(name)
                    if found:
                        return found
        return None

    def find(self, path: Path) -> Node | None:
        """Return the node at a path of keys and indices, or None."""
        at: Node | None = self
        for part in path:
            at = at.child(part) if at else None
        return at

    def data(self) -> Any:
        """Return the value as plain Python data.

        Raises ShapeError for a duplicate key, for a merge of something that is no mapping, and for
        a value of more than 200,000 nodes, which aliases can make from a short text.
        """
        return _data(self, [_MOST_NODES])


class _Loader(yaml.SafeLoader):
    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """Return the tag of a node, or ``plain`` for a scalar without quotes and tag.

        Its type is decided by ``plain_value`` later, instead of by PyYAML's YAML 1.1.
        """
        if kind is yaml.ScalarNode and implicit[0]:
            return _PLAIN
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]

    def scan_anchor(self, token_class: Any) -> Any:
        """Read the name of an anchor or alias: everything up to a space, comma or bracket.

        PyYAML takes letters, digits, ``-`` and ``_`` only.
        """
        start = self.get_mark()
        self.forward()
        length = 0
        while self.peek(length) not in _END_OF_NAME:
            length += 1
        if not length:
            raise yaml.MarkedYAMLError(problem="name of an anchor expected", problem_mark=start)
        name = self.prefix(length)
        self.forward(length)
        return token_class(name, start, self.get_mark())


def compose(text: str) -> Node:
    """Return the root node of a YAML text; an empty text is a scalar without a value.

    Raises ShapeError if PyYAML cannot parse the text.
    """
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise ShapeError(error.problem or "syntax error", *at) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ShapeError(str(error).splitlines()[0]) from None
    if root is None:
        return Node("scalar", 0, 0, 1, 1)
    return _node(root, {})


def other_reading(text: str) -> Any:
    """Return the value that PyYAML itself reads, by YAML 1.1, as other tools in Python do.

    Raises ShapeError if it cannot read the text.
    """
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise ShapeError(error.problem or "syntax error", *at) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ShapeError(str(error).splitlines()[0]) from None


def _node(made: Any, known: dict[int, Node]) -> Node:
    if id(made) in known:
        return known[id(made)]
    mark = made.start_mark
    where = (mark.index, made.end_mark.index, mark.line + 1, mark.column + 1)
    style = "flow" if getattr(made, "flow_style", False) else None
    if isinstance(made, yaml.MappingNode):
        # Known before its children are read, so that a mapping that contains itself ends here.
        known[id(made)] = Node("map", *where)
        pairs = tuple((_node(key, known), _node(value, known)) for key, value in made.value)
        found = Node("map", *where, style=style, entries=pairs)
    elif isinstance(made, yaml.SequenceNode):
        known[id(made)] = Node("list", *where)
        items = tuple(_node(each, known) for each in made.value)
        found = Node("list", *where, style=style, items=items)
    else:
        # Only scalars without quotes and tags have a type to be found out.
        value = plain_value(made.value) if made.tag == _PLAIN else _tagged(made)
        found = Node("scalar", *where, value=value, style=made.style)
    known[id(made)] = found
    return found


def _tagged(made: Any) -> Any:
    # Tags of types that JSON has keep their values; any other tag makes a text.
    kind = str(made.tag).rpartition(":")[2]
    if kind in ("int", "float", "bool", "null", "timestamp"):
        return plain_value(made.value)
    return made.value


def _merges(key: Node) -> bool:
    # A quoted "<<" is an ordinary key.
    return key.kind == "scalar" and key.value == "<<" and key.style is None


def _data(node: Node, budget: list[int]) -> Any:
    budget[0] -= 1
    if budget[0] < 0:
        raise ShapeError("the file is too large, or contains itself", node.line, node.column)
    if node.kind == "list":
        return [_data(each, budget) for each in node.items]
    if node.kind == "scalar":
        return node.value
    made: dict[str, Any] = {}
    for key, value in node.entries:
        if not _merges(key):
            name = as_key(_data(key, budget))
            if name in made:
                raise ShapeError("duplicated mapping key", key.line, key.column)
            made[name] = _data(value, budget)
    # Own keys win over merged ones, and earlier merges over later ones.
    merged: dict[str, Any] = {}
    for part in _merged(node):
        for name, each in _data(part, budget).items():
            merged.setdefault(name, each)
    return _in_order({**merged, **made})


def _merged(node: Node) -> Iterator[Node]:
    for key, value in node.entries:
        if _merges(key):
            for each in value.items or (value,):
                if each.kind != "map":
                    reason = "cannot merge mappings; the provided source object is unacceptable"
                    raise ShapeError(reason, key.line, key.column)
                yield each


def _in_order(made: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys in the order of a JavaScript object: integer keys first, ascending."""
    indices = sorted((k for k in made if k.isdecimal() and str(int(k)) == k), key=int)
    return {name: made[name] for name in (*indices, *(k for k in made if k not in indices))}
