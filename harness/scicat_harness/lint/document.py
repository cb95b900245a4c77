"""The file that is linted: its value as the backend reads it, and the places of its parts."""

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
    """A file that is not valid YAML.

    ``message`` is the error of the YAML reader. It is ``exact``, so that the backend prints the
    same, if that reader is js-yaml; without Node it is PyYAML.
    """

    message: str
    place: Place
    exact: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read.

    ``value`` has the content as plain lists, dicts and scalars. ``root`` has the places of its
    parts; it is None if js-yaml reads the text and PyYAML does not, and places are guessed then.
    """

    file: Path
    text: str
    value: Any
    root: Node | None
    _lines: list[str] = field(repr=False)

    def place(self, path: KeyPath = (), *, key: bool = False) -> Place:
        """Return the place of a value, or of its key.

        A path that is not in the file gives the place of its nearest existing parent.
        """
        if self.root is None:
            return self._guess(path)
        node = self.key(path) if key else self.root.find(path)
        # An operation that is missing is shown at its job type.
        while node is None and path:
            path = path[:-1]
            node = self.root.find(path)
        node = node or self.root
        return Place(self.file, node.line, node.column)

    def node(self, path: KeyPath) -> Node | None:
        """Return the node of a value, or None."""
        return self.root.find(path) if self.root else None

    def key(self, path: KeyPath) -> Node | None:
        """Return the node of a key, or None."""
        holder = self.root.find(path[:-1]) if self.root and path else None
        found = holder.entry(str(path[-1])) if holder else None
        return found[0] if found else None

    def inside(self, path: KeyPath, line: int, column: int) -> Place:
        """Return the file position of a line and column within a text value.

        The position is exact in a literal block (``|``) and on the first line of other texts. In a
        folded block (``>``) the column is 1, and the line may be off where lines were joined.
        Later lines of other texts give the place of the value.
        """
        node = self.node(path)
        if node is None:
            return self.place(path)
        if node.style in ("|", ">"):
            # A block begins on the line after its indicator.
            at = node.line + line
            if node.style == ">" or at > len(self._lines):
                return Place(self.file, min(at, len(self._lines)), 1)
            indent = len(self._lines[node.line]) - len(self._lines[node.line].lstrip(" "))
            return Place(self.file, at, indent + column)
        quote = 1 if node.style else 0
        return Place(self.file, node.line, node.column + quote + (column - 1 if line == 1 else 0))

    def source(self, node: Node) -> str:
        """Return the source text of a node, quotes included."""
        return self.text[node.start : node.end]

    def _guess(self, path: KeyPath) -> Place:
        """Return the line that probably holds a path, in a file that PyYAML cannot read."""
        at = 0
        for number, part in enumerate(path):
            # Each job type has one line with jobType; the last part is searched from there.
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
    """Return the text of a file, without a byte order mark.

    ``what`` is the kind of file for the message. Bytes that are not UTF-8 are replaced. Raises
    UsageFault if the file cannot be read.
    """
    return read_given(file, str(file), f"give {what}", encoding="utf-8-sig", errors="replace")


def read_document(file: Path, text: str, engine: JavaScriptEngine | None) -> Document | Broken:
    """Parse a YAML or JSON text.

    With an engine the value is that of js-yaml, as in the backend; without one it is read from
    PyYAML's nodes by YAML 1.2. Returns Broken if the text is not YAML. Raises UsageFault for a
    value that cannot be told, such as one that contains itself, and EngineFault if the engine does
    not answer.
    """
    shape: Node | ShapeError
    # PyYAML is needed in any case: js-yaml gives values without their places.
    try:
        shape = compose(text)
    except ShapeError as error:
        shape = error
    try:
        value = engine.read_yaml(text, str(file)) if engine else _value_of(shape)
    except YamlError as error:
        place = Place(file, error.line or 1, error.column or 1)
        # The message of js-yaml quotes lines around the error, which may hold a password.
        message = without_secrets(error.message)
        return Broken(f"YAMLException: {message}", place, exact=True)
    except ShapeError as error:
        place = Place(file, error.line or 1, error.column or 1)
        at = f" ({error.line}:{error.column})" if error.line else ""
        return Broken(f'YAMLException: {error.reason} in "{file}"{at}', place, exact=False)
    except EngineFault as fault:
        raise EngineFault(f"{file}: not read: the JavaScript engine failed: {fault}") from None
    except JavaScriptError as error:
        raise UsageFault(f"{file}: cannot be read as YAML ({error})") from None
    root = shape if isinstance(shape, Node) else None
    return Document(file, text, value, root, text.split("\n"))


def _value_of(shape: Node | ShapeError) -> Any:
    if isinstance(shape, ShapeError):
        raise shape
    return shape.data()
