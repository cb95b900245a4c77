"""Templates of actions: render them in a context with the helpers of the backend.

See specification: templates.syntax. Syntax errors and unknown helpers are reported at the first
use, as in the real backend. Handlebars itself renders constructs that would be rendered differently
here; without it they stop the start.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import Thrown
from scicat_harness.embedded.genuine import GENUINE
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
"""Helpers that accept any number of arguments, even none."""
_UNIT_OPTIONS = frozenset({"precision", "notation"})
_NOTATIONS = ("auto", "fixed")


class TemplateFailure(Thrown):
    """A template cannot be rendered; the text is that of the real backend's error.

    Like any Thrown it is swallowed while validating, and 400 while performing.
    """


@dataclass(frozen=True, slots=True)
class Template:
    """One template text.

    Example: ``Template("{{job.type}}").render({"job": {"type": "archive"}})`` is ``"archive"``.
    """

    text: str
    defect: Defects = _RIGHT

    def refuse_unsupported(self) -> None:
        """Raise BootFailure if nothing here can render the template.

        A template with a syntax error passes: the real backend starts with it and fails at its
        first use.
        """
        beyond = _beyond_us(self.text)
        if beyond is not None:
            GENUINE.require(beyond.what, f"{beyond.instead} '{self.text}'")

    def render(self, context: Mapping[str, Any]) -> str:
        """Return the rendered text.

        ``context`` is that of specification: templates.context. Raises TemplateFailure for syntax
        errors, unknown helpers and helpers that fail.
        """
        renderer = TemplateRenderer(
            helpers(self.defect),
            escapes=not self.defect("templates.double-stash-unescaped"),
            escapes_raw=self.defect("templates.triple-stash-escaped"),
        )
        try:
            if _beyond_us(self.text) is not None:
                return GENUINE.render(self.text, context)
            return renderer.render(parse(self.text), context)
        except SyntaxFault as fault:
            raise TemplateFailure(self._message(fault)) from None
        except Thrown as thrown:
            raise TemplateFailure(str(thrown), thrown.name) from None

    def _message(self, fault: SyntaxFault) -> str:
        line = self.text.count("\n", 0, fault.at) + 1
        if str(fault):
            # Handlebars counts from the name of the block, behind its opening braces.
            column = fault.at - (self.text.rfind("\n", 0, fault.at) + 1) + len("{{#")
            return f"{fault} - {line}:{column}"
        shown = self.text.splitlines()[line - 1] if self.text else ""
        return f"Parse error on line {line}:\n{shown}"


class _Beyond(NamedTuple):
    what: str
    instead: str


@lru_cache(maxsize=512)
def _beyond_us(text: str) -> _Beyond | None:
    """Return what a template has that is rendered differently here, or None."""
    try:
        program = parse(text)
    except SyntaxFault:
        # Handlebars accepts a little more, such as names of partials that are computed.
        if not GENUINE.accepts_template(text):
            return None
        return _Beyond("a part of a template", "Or rewrite the template without it:")
    except UnknownConstruct as construct:
        return _Beyond(f"a {construct} in a template", "Or rewrite the template without it:")
    # A helper without arguments gets only the options of its call, and does with them whatever
    # its JavaScript does; that is not reproduced here.
    names = frozenset(helpers(_RIGHT))
    for call, among_arguments in _calls(program):
        name = call.path.parts[0] if call.path.simple else ""
        if name in names - _CALLABLE_BARE and call.bare and not among_arguments:
            return _Beyond(f"the helper '{name}' without arguments", "Or add an argument in")
        if name and name not in names and not call.bare and GENUINE.has_helper(name):
            return _Beyond(f"the helper '{name}' of a build", "Or take it out of")
        if name == "formatUnit" and not _known_format(call):
            return _Beyond(
                "other options of formatUnit than precision, and notation 'auto' or 'fixed'",
                "Or remove other options from",
            )
    return None


def _known_format(call: HelperCall) -> bool:
    notation = call.options.get("notation", Literal("auto"))
    known = isinstance(notation, Literal) and notation.value in _NOTATIONS
    return known and _UNIT_OPTIONS.issuperset(call.options)


def _calls(program: TemplateProgram) -> Iterator[tuple[HelperCall, bool]]:
    # Each call with whether it stands among the arguments of another.
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
