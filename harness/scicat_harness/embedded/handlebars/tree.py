"""The nodes of a template's tree: texts, expressions and blocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "BlockNode",
    "Expression",
    "HelperCall",
    "Literal",
    "Mustache",
    "Partial",
    "Path",
    "TemplateProgram",
]


@dataclass(frozen=True, slots=True)
class Path:
    """A name to look up.

    ``../a.b`` has the parts ``a`` and ``b`` and depth 1. ``data`` is True for ``@`` names,
    ``scoped`` if the path begins with ``this``, ``.`` or ``..``.
    """

    text: str
    parts: tuple[str, ...]
    depth: int = 0
    data: bool = False
    scoped: bool = False

    @property
    def simple(self) -> bool:
        """True if the name may be that of a helper."""
        return len(self.parts) == 1 and not (self.depth or self.data or self.scoped)


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a number, true, false, null or undefined."""

    value: object


@dataclass(frozen=True, slots=True)
class HelperCall:
    """A name with its arguments and ``name=value`` options; without any it may be a value."""

    path: Path
    arguments: "tuple[Expression, ...]" = ()
    options: "Mapping[str, Expression]" = field(default_factory=dict)

    @property
    def bare(self) -> bool:
        """True if there are neither arguments nor options."""
        return not self.arguments and not self.options


Expression = Path | Literal | HelperCall
"""The types of an argument; a call as an argument was written in parentheses."""


@dataclass(frozen=True, slots=True)
class Mustache:
    """``{{call}}`` or ``{{{call}}}``."""

    call: HelperCall
    escaped: bool


@dataclass(frozen=True, slots=True)
class Partial:
    """``{{> name}}``; the backend has no partials, so rendering one fails."""

    name: str


@dataclass(frozen=True, slots=True)
class TemplateProgram:
    """A sequence of nodes; ``names`` are its block parameters, as in ``as |item index|``."""

    body: "tuple[str | Mustache | BlockNode | Partial, ...]" = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockNode:
    """``{{#call}}program{{else}}inverse{{/call}}``."""

    call: HelperCall
    program: TemplateProgram
    inverse: TemplateProgram
