"""A file under examination: what it says to the backend, and where it says so."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scicat_harness.errors import UsageFault
from scicat_harness.files import read_given
from scicat_harness.javascript import EngineFault, JavaScriptEngine, JavaScriptError, YamlError
from scicat_harness.lint.finding import Place
from scicat_harness.lint.nodes import Node, ShapeError, compose
from scicat_harness.lint.words import without_secrets

__all__ = ["Broken", "Document", "KeyPath", "read_document", "read_text"]

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """Why the file cannot be read, in the words of its reader; ``exact`` if that is js-yaml."""

    message: str
    place: Place
    exact: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A file that can be read. ``root`` is None where only lines are known."""

    file: Path
    text: str
    value: Any
    root: Node | None
    _lines: list[str] = field(repr=False)

    def place(self, path: KeyPath = (), *, key: bool = False) -> Place:
        """Where a value stands, or its key; of what is not there, what would hold it."""
        if self.root is None:
            return self._guess(path)
        node = self.key(path) if key else self.root.find(path)
        while node is None and path:
            path = path[:-1]
            node = self.root.find(path)
        node = node or self.root
        return Place(self.file, node.line, node.column)

    def node(self, path: KeyPath) -> Node | None:
        """The node of a value."""
        return self.root.find(path) if self.root else None

    def key(self, path: KeyPath) -> Node | None:
        """The node of a key."""
        holder = self.root.find(path[:-1]) if self.root and path else None
        found = holder.entry(str(path[-1])) if holder else None
        return found[0] if found else None

    def inside(self, path: KeyPath, line: int, column: int) -> Place:
        """Where the given line and column of a text value are in the file, as well as it goes."""
        node = self.node(path)
        if node is None:
            return self.place(path)
        if node.style in ("|", ">"):
            at = node.line + line
            if node.style == ">" or at > len(self._lines):
                return Place(self.file, min(at, len(self._lines)), 1)
            indent = len(self._lines[node.line]) - len(self._lines[node.line].lstrip(" "))
            return Place(self.file, at, indent + column)
        quote = 1 if node.style else 0
        return Place(self.file, node.line, node.column + quote + (column - 1 if line == 1 else 0))

    def source(self, node: Node) -> str:
        """The text of a node as it is written."""
        return self.text[node.start : node.end]

    def _guess(self, path: KeyPath) -> Place:
        """The line that seems to hold it, for a file that has no shape for PyYAML."""
        at = 0
        for number, part in enumerate(path):
            if isinstance(part, int) and number == 1 and path[0] == "jobs":
                at = self._nth("jobType", part)
            elif isinstance(part, str) and number == len(path) - 1:
                at = self._next(part, at)
        return Place(self.file, at + 1, 1)

    def _nth(self, word: str, number: int) -> int:
        found = [n for n, line in enumerate(self._lines) if re.search(rf"\b{word}\b", line)]
        return found[number] if number < len(found) else 0

    def _next(self, word: str, start: int) -> int:
        lines = range(start, len(self._lines))
        return next((n for n in lines if word in self._lines[n]), start)


def read_text(file: Path, what: str) -> str:
    """The text of a file; raises UsageFault."""
    return read_given(file, str(file), f"give {what}", encoding="utf-8-sig", errors="replace")


def read_document(file: Path, text: str, engine: JavaScriptEngine | None) -> Document | Broken:
    """What a YAML or JSON text says, by js-yaml where there is an engine."""
    shape: Node | ShapeError
    try:
        shape = compose(text)
    except ShapeError as error:
        shape = error
    try:
        value = engine.read_yaml(text, str(file)) if engine else _own_reading(shape)
    except YamlError as error:
        place = Place(file, error.line or 1, error.column or 1)
        # The lines around the mistake are a part of the message.
        message = without_secrets(error.message)
        return Broken(f"YAMLException: {message}", place, exact=True)
    except ShapeError as error:
        place = Place(file, error.line or 1, error.column or 1)
        at = f" ({error.line}:{error.column})" if error.line else ""
        return Broken(f'YAMLException: {error.reason} in "{file}"{at}', place, exact=False)
    except (JavaScriptError, EngineFault) as error:
        raise UsageFault(f"{file}: cannot be read as YAML ({error})") from None
    root = shape if isinstance(shape, Node) else None
    return Document(file, text, value, root, text.split("\n"))


def _own_reading(shape: Node | ShapeError) -> Any:
    if isinstance(shape, ShapeError):
        raise shape
    return shape.data()
