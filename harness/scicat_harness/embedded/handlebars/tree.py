"""The tree of a template: texts, expressions and blocks."""

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
    """A name to look up: its parts, how many contexts up, and whether it is an ``@`` name."""

    text: str
    parts: tuple[str, ...]
    depth: int = 0
    data: bool = False
    scoped: bool = False

    @property
    def simple(self) -> bool:
        """Whether the name may be that of a helper."""
        return len(self.parts) == 1 and not (self.depth or self.data or self.scoped)


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a number, true, false, null or undefined."""

    value: object


@dataclass(frozen=True, slots=True)
class HelperCall:
    """A name with its arguments; without any it may be a value or a helper."""

    path: Path
    arguments: "tuple[Expression, ...]" = ()
    options: "Mapping[str, Expression]" = field(default_factory=dict)

    @property
    def bare(self) -> bool:
        """Whether the name stands alone."""
        return not self.arguments and not self.options


Expression = Path | Literal | HelperCall
"""What an argument can be; a call among arguments stood in parentheses."""


@dataclass(frozen=True, slots=True)
class Mustache:
    """``{{call}}`` or ``{{{call}}}``."""

    call: HelperCall
    escaped: bool


@dataclass(frozen=True, slots=True)
class Partial:
    """``{{> name}}``; the backend has none."""

    name: str


@dataclass(frozen=True, slots=True)
class TemplateProgram:
    """A sequence of nodes, and the names for its block parameters."""

    body: "tuple[str | Mustache | BlockNode | Partial, ...]" = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockNode:
    """``{{#call}}program{{else}}inverse{{/call}}``."""

    call: HelperCall
    program: TemplateProgram
    inverse: TemplateProgram
