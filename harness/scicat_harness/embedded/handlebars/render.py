"""The renderer of templates: a tree and a context to text.

A name alone is a helper if there is one, else a value; a name with arguments must be a helper.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.failures import Thrown
from scicat_harness.embedded.handlebars.scope import Opaque, Scope, member
from scicat_harness.embedded.handlebars.tree import (
    BlockNode,
    Expression,
    HelperCall,
    Literal,
    Mustache,
    Partial,
    Path,
    TemplateProgram,
)
from scicat_harness.embedded.javascript import UNDEFINED, as_text, truthy

__all__ = ["BLOCK_HELPERS", "Helper", "TemplateRenderer", "escape"]

Helper = Callable[[Sequence[Any], Mapping[str, Any]], object]
"""A function of the positional arguments and the ``name=value`` options of a call."""

BLOCK_HELPERS = frozenset({"if", "unless", "each", "with"})

_ENTITIES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#x27;",
        "`": "&#x60;",
        "=": "&#x3D;",
    }
)


def escape(text: str) -> str:
    """Return text escaped for HTML, with the eight characters that Handlebars escapes."""
    return text.translate(_ENTITIES)


@dataclass(frozen=True, slots=True)
class TemplateRenderer:
    """A renderer with its helpers.

    ``escapes`` is for two braces, ``escapes_raw`` for three; only defects change them.
    """

    helpers: Mapping[str, Helper]
    escapes: bool = True
    escapes_raw: bool = False

    def render(self, program: TemplateProgram, context: Mapping[str, Any]) -> str:
        """Return the text of a template.

        Raises Thrown for a missing helper, a partial, and whatever a helper raises.
        """
        return self._program(program, Scope(context, data={"root": context}))

    def _program(self, program: TemplateProgram, scope: Scope) -> str:
        return "".join(self._node(node, scope) for node in program.body)

    def _node(self, node: str | Mustache | BlockNode | Partial, scope: Scope) -> str:
        match node:
            case str():
                return node
            case Mustache():
                value = self._called(node.call, scope)
                escapes = self.escapes if node.escaped else self.escapes_raw
                return _escaped(value) if escapes else _printed(value)
            case BlockNode():
                return self._block(node, scope)
            case Partial():
                raise Thrown(f"The partial {node.name} could not be found")

    def _called(self, call: HelperCall, scope: Scope) -> object:
        path = call.path
        helper = self.helpers.get(path.parts[0]) if path.simple else None
        # Block parameters hide helpers of the same name.
        if call.bare and (helper is None or path.parts[0] in scope.names):
            return scope.resolve(path)
        if path.simple and path.parts[0] in BLOCK_HELPERS:
            raise Thrown(f"#{path.text} is a block helper", "TypeError")
        if helper is None:
            raise Thrown(f'Missing helper: "{path.text}"')
        arguments = [self._value(argument, scope) for argument in call.arguments]
        options = {name: self._value(value, scope) for name, value in call.options.items()}
        return helper(arguments, options)

    def _value(self, expression: Expression, scope: Scope) -> object:
        match expression:
            case Literal():
                return expression.value
            case Path():
                return scope.resolve(expression)
            # In parentheses a name must be a helper, even without arguments.
            case HelperCall() if expression.bare and not self._is_helper(expression.path):
                raise Thrown(f'Missing helper: "{expression.path.text}"')
            case HelperCall():
                return self._called(expression, scope)

    def _is_helper(self, path: Path) -> bool:
        return path.simple and path.parts[0] in self.helpers

    def _block(self, block: BlockNode, scope: Scope) -> str:
        path = block.call.path
        name = path.parts[0] if path.simple else ""
        if name not in BLOCK_HELPERS or name in scope.names:
            return self._section(block, self._called(block.call, scope), scope)
        if len(block.call.arguments) != 1:
            if name == "each":
                raise Thrown("Must pass iterator to #each")
            raise Thrown(f"#{name} requires exactly one argument")
        value = self._value(block.call.arguments[0], scope)
        options = {key: self._value(item, scope) for key, item in block.call.options.items()}
        match name:
            case "if" | "unless":
                # Zero is empty unless includeZero is set; false stays false even then.
                counts_zero = truthy(options.get("includeZero", False))
                holds = not _empty(value) or (value == 0 and counts_zero and value is not False)
                chosen = block.program if holds is (name == "if") else block.inverse
                return self._program(chosen, scope)
            case "with":
                if _empty(value):
                    return self._program(block.inverse, scope)
                return self._inside(block.program, scope, value)
            case _:
                return self._each(block, value, scope)

    def _section(self, block: BlockNode, value: object, scope: Scope) -> str:
        """Render a block that is no block helper: its value decides, as in Mustache."""
        if not block.call.bare and self._is_helper(block.call.path):
            # A plain helper called as a block ignores the content of the block.
            return _printed(value)
        if value is True:
            return self._program(block.program, scope)
        if value is False or value is None or value is UNDEFINED:
            return self._program(block.inverse, scope)
        if isinstance(value, list):
            return self._each(block, value, scope)
        return self._inside(block.program, scope, value)

    def _each(self, block: BlockNode, value: object, scope: Scope) -> str:
        entries = list(_entries(value))
        if not entries:
            return self._program(block.inverse, scope)
        last = len(entries) - 1
        texts = []
        for index, (key, item) in enumerate(entries):
            # For lists the key is the index, too.
            data = {"key": key, "index": index, "first": index == 0, "last": index == last}
            texts.append(self._inside(block.program, scope.with_data(**data), item, key))
        return "".join(texts)

    def _inside(
        self, program: TemplateProgram, scope: Scope, context: object, key: object = UNDEFINED
    ) -> str:
        names = dict(zip(program.names, (context, key), strict=False))
        return self._program(program, scope.inside(context, names))


def _printed(value: object) -> str:
    if value is None or value is UNDEFINED or isinstance(value, Opaque):
        return ""
    return as_text(value)


def _escaped(value: object) -> str:
    """Return text escaped for HTML.

    Handlebars calls ``toHTML`` of a value that has it. JSON holds no functions, so such a value
    fails (specification: templates.syntax).
    """
    if isinstance(value, Mapping) and truthy(value.get("toHTML", UNDEFINED)):
        raise Thrown("string.toHTML is not a function", "TypeError")
    return escape(_printed(value))


def _empty(value: object) -> bool:
    # Unlike in JavaScript an empty list counts as empty; an empty object does not.
    return value == [] or not truthy(value)


def _entries(value: object) -> Iterator[tuple[object, object]]:
    if isinstance(value, list):
        yield from enumerate(value)
    elif isinstance(value, Mapping):
        # JavaScript visits keys that are indices first.
        numbered = sorted((key for key in value if key.isdecimal()), key=int)
        for key in (*numbered, *(key for key in value if not key.isdecimal())):
            yield key, member(value, key)
