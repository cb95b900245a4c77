"""The scope of a template while it is rendered: lookup of names, contexts and ``@`` data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.embedded.handlebars.tree import Path
from scicat_harness.embedded.javascript import UNDEFINED, identical

__all__ = ["Opaque", "Scope", "member"]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value whose members cannot be seen.

    It stands for a database document: it renders empty, and only ``{{{jsonify job}}}`` shows it
    (specification: templates.context).
    """

    value: object


@dataclass(frozen=True, slots=True)
class Scope:
    """A context, the contexts around it, the ``@`` data and the block parameters.

    ``outer`` and ``outer_data`` are ordered from the nearest outwards: ``../x`` is ``outer[0]``.
    """

    context: object
    outer: "tuple[object, ...]" = ()
    data: Mapping[str, object] = field(default_factory=dict)
    outer_data: "tuple[Mapping[str, object], ...]" = ()
    names: Mapping[str, object] = field(default_factory=dict)

    def resolve(self, path: Path) -> object:
        """Return the value of a path, UNDEFINED if it leads nowhere."""
        parts = path.parts
        if path.data:
            # @ names have levels of their own: one for each loop, not for each context.
            frames = (self.data, *self.outer_data)
            value: object = frames[path.depth] if path.depth < len(frames) else {}
        # ./x and this.x bypass block parameters.
        elif parts and not path.scoped and parts[0] in self.names:
            value = self.names
        else:
            levels = (self.context, *self.outer)
            value = levels[path.depth] if path.depth < len(levels) else UNDEFINED
        for part in parts:
            value = member(value, part)
        return value

    def inside(self, context: object, names: Mapping[str, object]) -> "Scope":
        """Return the scope inside a block.

        As in Handlebars a block with the same context adds no level, so ``{{#with this}}{{../x}}``
        does not find ``x`` of this context.
        """
        merged = {**self.names, **names}
        if identical(context, self.context):
            return Scope(context, self.outer, self.data, self.outer_data, merged)
        outer = (self.context, *self.outer)
        return Scope(context, outer, self.data, self.outer_data, merged)

    def with_data(self, **data: object) -> "Scope":
        """Return the scope with more ``@`` names; ``@../index`` reads those of before."""
        merged = {**self.data, **data}
        return Scope(self.context, self.outer, merged, (self.data, *self.outer_data), self.names)


def member(value: object, name: str) -> object:
    """Return an own property of a JavaScript value, UNDEFINED if there is none.

    Lists and texts have indices and ``length``. Inherited members are never found.
    """
    if isinstance(value, Mapping):
        return value.get(name, UNDEFINED)
    if isinstance(value, list | str):
        if name == "length":
            return len(value)
        # "01" is no index, as in JavaScript.
        if name.isdecimal() and str(int(name)) == name and int(name) < len(value):
            found: Any = value[int(name)]
            return found
    return UNDEFINED
