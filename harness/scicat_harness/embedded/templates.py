"""Templates as actions use them: rendered in a context, with the backend's helpers.

See specification: templates.syntax. Nothing is parsed before rendering: syntax errors and unknown
helpers show at the first use, as in the real backend. What the embedded backend would render
differently is refused when it starts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import BootFailure, Thrown
from scicat_harness.embedded.handlebars.helpers import helpers
from scicat_harness.embedded.handlebars.parse import parse
from scicat_harness.embedded.handlebars.render import TemplateRenderer
from scicat_harness.embedded.handlebars.scope import Opaque
from scicat_harness.embedded.handlebars.tokens import SyntaxFault, UnknownConstruct
from scicat_harness.embedded.handlebars.tree import (
    BlockNode,
    HelperCall,
    Literal,
    Mustache,
    TemplateProgram,
)

__all__ = ["Opaque", "Template", "TemplateFailure"]

_RIGHT = Defects()
_CALLABLE_BARE = frozenset({"and", "concat", "log", "not", "or"})
"""Helpers that look at any number of arguments, none included."""
_UNIT_OPTIONS = frozenset({"precision", "notation"})
_NOTATIONS = ("auto", "fixed")


class TemplateFailure(Thrown):
    """A template cannot be rendered; the text is what the real backend's error says."""


@dataclass(frozen=True, slots=True)
class Template:
    """One template text."""

    text: str
    defect: Defects = _RIGHT

    def refuse_unsupported(self) -> None:
        """Raise BootFailure if the template needs more than is rendered here."""
        try:
            program = parse(self.text)
        except SyntaxFault:
            return
        except UnknownConstruct as construct:
            raise BootFailure(
                f"Error: the embedded backend renders no {construct}, as in '{self.text}'"
            ) from None
        names = frozenset(helpers(self.defect))
        for call, among_arguments in _calls(program):
            name = call.path.parts[0] if call.path.simple else ""
            if name in names - _CALLABLE_BARE and call.bare and not among_arguments:
                raise BootFailure(
                    f"Error: the embedded backend calls no helper without arguments: '{name}'"
                )
            if name == "formatUnit" and not _known_format(call):
                raise BootFailure(
                    "Error: the embedded backend knows no other options of formatUnit than"
                    f" precision, and notation 'auto' or 'fixed', as in '{self.text}'"
                )

    def render(self, context: Mapping[str, Any]) -> str:
        """The text with every tag replaced; raises TemplateFailure."""
        renderer = TemplateRenderer(
            helpers(self.defect),
            escapes=not self.defect("templates.double-stash-unescaped"),
            escapes_raw=self.defect("templates.triple-stash-escaped"),
        )
        try:
            return renderer.render(parse(self.text), context)
        except SyntaxFault as fault:
            raise TemplateFailure(self._complaint(fault)) from None
        except UnknownConstruct as construct:
            raise TemplateFailure(f"the embedded backend renders no {construct}") from None
        except Thrown as thrown:
            raise TemplateFailure(str(thrown), thrown.name) from None

    def _complaint(self, fault: SyntaxFault) -> str:
        line = self.text.count("\n", 0, fault.at) + 1
        if str(fault):
            column = fault.at - (self.text.rfind("\n", 0, fault.at) + 1) + len("{{#")
            return f"{fault} - {line}:{column}"
        shown = self.text.splitlines()[line - 1] if self.text else ""
        return f"Parse error on line {line}:\n{shown}"


def _known_format(call: HelperCall) -> bool:
    notation = call.options.get("notation", Literal("auto"))
    known = isinstance(notation, Literal) and notation.value in _NOTATIONS
    return known and _UNIT_OPTIONS.issuperset(call.options)


def _calls(program: TemplateProgram) -> Iterator[tuple[HelperCall, bool]]:
    for node in program.body:
        if isinstance(node, Mustache | BlockNode):
            yield node.call, False
            yield from ((call, True) for call in _inner(node.call))
        if isinstance(node, BlockNode):
            yield from _calls(node.program)
            yield from _calls(node.inverse)


def _inner(call: HelperCall) -> Iterator[HelperCall]:
    for argument in (*call.arguments, *call.options.values()):
        if isinstance(argument, HelperCall):
            yield argument
            yield from _inner(argument)
