"""Where names are looked up while a template is rendered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.embedded.handlebars.tree import Path
from scicat_harness.embedded.javascript import UNDEFINED, identical

__all__ = ["Opaque", "Scope", "member"]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value whose members cannot be seen, as a database document in a template."""

    value: object


@dataclass(frozen=True, slots=True)
class Scope:
    """A context, the contexts around it, the ``@`` names and the block parameters."""

    context: object
    outer: "tuple[object, ...]" = ()
    data: Mapping[str, object] = field(default_factory=dict)
    outer_data: "tuple[Mapping[str, object], ...]" = ()
    names: Mapping[str, object] = field(default_factory=dict)

    def resolve(self, path: Path) -> object:
        """The value of a path, UNDEFINED where it leads nowhere."""
        parts = path.parts
        if path.data:
            frames = (self.data, *self.outer_data)
            value: object = frames[path.depth] if path.depth < len(frames) else {}
        elif parts and not path.scoped and parts[0] in self.names:
            value = self.names
        else:
            levels = (self.context, *self.outer)
            value = levels[path.depth] if path.depth < len(levels) else UNDEFINED
        for part in parts:
            value = member(value, part)
        return value

    def inside(self, context: object, names: Mapping[str, object]) -> "Scope":
        """The scope of a block; the same context again is no new level."""
        merged = {**self.names, **names}
        if identical(context, self.context):
            return Scope(context, self.outer, self.data, self.outer_data, merged)
        outer = (self.context, *self.outer)
        return Scope(context, outer, self.data, self.outer_data, merged)

    def with_data(self, **data: object) -> "Scope":
        """The scope with more ``@`` names; those of before are one level up."""
        merged = {**self.data, **data}
        return Scope(self.context, self.outer, merged, (self.data, *self.outer_data), self.names)


def member(value: object, name: str) -> object:
    """An own property of a value as JavaScript sees it."""
    if isinstance(value, Mapping):
        return value.get(name, UNDEFINED)
    if isinstance(value, list | str):
        if name == "length":
            return len(value)
        if name.isdecimal() and str(int(name)) == name and int(name) < len(value):
            found: Any = value[int(name)]
            return found
    return UNDEFINED
