"""The parser of templates: tokens to a tree."""

import re
from functools import lru_cache

from scicat_harness.embedded.handlebars.tokens import SyntaxFault, Tag, tokens
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
from scicat_harness.embedded.javascript import UNDEFINED

__all__ = ["parse"]

_SEGMENT = re.compile(r"\[([^\]]*)\]|(\.\.)|([^./\[\]]+)|(\.(?=$|/))|[./]")
_WORDS = {"true": True, "false": False, "null": None, "undefined": UNDEFINED}


@lru_cache(maxsize=512)
def parse(text: str) -> TemplateProgram:
    """Return the tree of a template text.

    Trees are cached, as a text is parsed again for every request. Raises SyntaxFault for a syntax
    error, and UnknownConstruct for what is not supported here.
    """
    builder = _Builder(tokens(text), len(text))
    program = builder.program(())
    # A tag is left over: an {{else}} or an end tag without a block.
    if builder.position < len(builder.tokens):
        raise SyntaxFault(builder.at)
    return program


class _Builder:
    """A recursive descent over the tokens of one template."""

    def __init__(self, found: list[str | Tag], length: int) -> None:
        self.tokens = found
        self.position = 0
        self._length = length

    @property
    def at(self) -> int:
        """The offset of the next tag, for the position in an error."""
        rest = self.tokens[self.position :]
        return next((token.at for token in rest if isinstance(token, Tag)), self._length)

    def program(self, names: tuple[str, ...]) -> TemplateProgram:
        """Return the nodes up to the next end or else tag, which is not consumed."""
        body: list[str | Mustache | BlockNode | Partial] = []
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            if isinstance(token, Tag) and token.kind in ("end", "else", "chain"):
                break
            self.position += 1
            if isinstance(token, str):
                body.append(token)
            elif token.kind != "comment":
                body.append(self._node(token))
        return TemplateProgram(tuple(body), names)

    def _node(self, tag: Tag) -> Mustache | BlockNode | Partial:
        call, names = _call(tag)
        match tag.kind:
            case "value" | "raw":
                return Mustache(call, escaped=tag.kind == "value")
            case "partial":
                return Partial(call.path.text)
            case kind:
                block = self._block(tag, call, names, call.path.text)
                # {{^x}}a{{else}}b{{/x}} is {{#x}}b{{else}}a{{/x}}.
                if kind == "inverse":
                    return BlockNode(call, block.inverse, block.program)
                return block

    def _block(
        self, tag: Tag, call: HelperCall, names: tuple[str, ...], ends_with: str
    ) -> BlockNode:
        program = self.program(names)
        inverse = TemplateProgram()
        token = self._next(tag)
        if token.kind == "chain":
            # The end tag of a chain names its first block.
            inner = self._block(token, *_call(token), ends_with)
            return BlockNode(call, program, TemplateProgram((inner,)))
        if token.kind == "else":
            inverse = self.program(())
            token = self._next(tag)
        if token.kind != "end":
            raise SyntaxFault(token.at)
        ended = _call(token)[0].path.text
        if ended != ends_with:
            raise SyntaxFault(tag.at, f"{ends_with} doesn't match {ended}")
        return BlockNode(call, program, inverse)

    def _next(self, opened: Tag) -> Tag:
        if self.position >= len(self.tokens):
            raise SyntaxFault(opened.at)
        token = self.tokens[self.position]
        assert isinstance(token, Tag)
        self.position += 1
        return token


def _call(tag: Tag) -> tuple[HelperCall, tuple[str, ...]]:
    pieces = list(tag.pieces)
    names: tuple[str, ...] = ()
    # Block parameters come last: {{#each list as |item index|}}.
    if pieces and pieces[-1][0] == "names":
        names = tuple(pieces.pop()[1].split("|")[1].split())
    call, rest = _read_call(pieces, tag.at)
    if rest:
        raise SyntaxFault(tag.at)
    return call, names


def _read_call(pieces: list[tuple[str, str]], at: int) -> tuple[HelperCall, list[tuple[str, str]]]:
    if not pieces:
        raise SyntaxFault(at)
    head, pieces = _read(pieces, at)
    # {{"a"}} and {{1}} look up the member of that name.
    if isinstance(head, Literal):
        text = str(head.value)
        head = Path(text, (text,))
    if not isinstance(head, Path):
        raise SyntaxFault(at)
    arguments: list[Expression] = []
    options: dict[str, Expression] = {}
    while pieces and pieces[0] != ("paren", ")"):
        kind, text = pieces[0]
        if kind == "option":
            options[text.strip("[]")], pieces = _read(pieces[1:], at)
        # Positional arguments cannot follow options.
        elif options:
            raise SyntaxFault(at)
        else:
            argument, pieces = _read(pieces, at)
            arguments.append(argument)
    return HelperCall(head, tuple(arguments), options), pieces


def _read(pieces: list[tuple[str, str]], at: int) -> tuple[Expression, list[tuple[str, str]]]:
    if not pieces:
        raise SyntaxFault(at)
    (kind, text), rest = pieces[0], pieces[1:]
    match kind:
        case "string":
            return Literal(text[1:-1].replace(f"\\{text[0]}", text[0])), rest
        case "number":
            number = float(text)
            return Literal(int(number) if number.is_integer() else number), rest
        case "word":
            return Literal(_WORDS[text]), rest
        case "path":
            return _path(text, at), rest
        case "paren" if text == "(":
            call, rest = _read_call(rest, at)
            if not rest:
                raise SyntaxFault(at)
            return call, rest[1:]
        case _:
            raise SyntaxFault(at)


def _path(text: str, at: int) -> Path:
    data = text.startswith("@")
    parts: list[str] = []
    depth, scoped = 0, False
    for found in _SEGMENT.finditer(text.removeprefix("@")):
        bracketed, up, name, here = found.groups()
        if bracketed is not None:
            parts.append(bracketed)
        # "..", "." and "this" are allowed in front only; [this] in brackets is a plain name.
        elif up or here or name == "this":
            if parts:
                raise SyntaxFault(at)
            depth += bool(up)
            scoped = True
        elif name:
            parts.append(name)
    return Path(text, tuple(parts), depth, data, scoped)
