"""The scanner of templates: text to tokens, with the white space control of Handlebars.

A block tag, an ``else``, a partial or a comment alone on its line removes the line; ``~`` removes
all white space on its side.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["SyntaxFault", "Tag", "UnknownConstruct", "tokens"]

# The beginning of a tag; comments and else are complete with it.
_OPEN = re.compile(
    r"""\{\{(?P<left>~?)(?:
        (?P<comment>!--[\s\S]*?--|![\s\S]*?)(?P<comment_right>~?)\}\}
        | (?P<else>\^\s*|\s*else\s*)(?P<else_right>~?)\}\}
        | (?P<kind>\#>|\#\*|\#|/|>|\*|&|\{|\^|\s*else(?=\s)|)
    )""",
    re.VERBOSE,
)
# One piece of a tag, tried in this order: a number or a word needs a separator behind it, otherwise
# it is the beginning of a path.
_PIECE = re.compile(
    r"""\s*(?:
        (?P<close>\}~?\}\}|~?\}\})
        | (?P<string>"(?:\\"|[^"])*"|'(?:\\'|[^'])*')
        | (?P<number>-?\d+(?:\.\d+)?)(?=[~}\s)\]])
        | (?P<word>true|false|null|undefined)(?=[~}\s)\]])
        | (?P<names>as\s+\|[^|]*\|)
        | (?P<option>[^\s!"#%-,./;->@\[-^`{-~]+|\[[^\]]*\])=
        | (?P<path>@?(?:(?:\.\.|\.|[^\s!"#%-,./;->@\[-^`{-~]+|\[[^\]]*\])(?:[./]|(?=[=~}\s)\]|])))+)
        | (?P<paren>[()])
    )""",
    re.VERBOSE,
)
_AFTER_ESCAPED = re.compile(r"\\{0,2}\{\{")
# Numbers and words are no names, so a path cannot end with them unless in brackets: l.[0].
_NOT_LAST = re.compile(r".*[./](?:-?\d+|true|false|null|undefined)", re.DOTALL)
_KINDS = {"": "value", "&": "raw", "{": "raw", "#": "block", "^": "inverse", "/": "end"}
_STANDALONE = ("block", "inverse", "end", "else", "chain", "comment", "partial")
_REFUSED = {"#>": "partial block", "#*": "decorator", "*": "decorator"}


class SyntaxFault(Exception):
    """A syntax error at an offset of the template; the text is empty for the usual message."""

    def __init__(self, at: int, text: str = "") -> None:
        super().__init__(text)
        self.at = at


class UnknownConstruct(Exception):
    """A construct of Handlebars that is not supported here; the argument is its name."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a template.

    ``kind`` is value, raw, block, inverse, end, else, chain, comment or partial. ``pieces`` are
    pairs of kind and text, ``at`` is the offset. ``strips_left`` and ``strips_right`` are True for
    a ``~`` on that side.
    """

    kind: str
    pieces: tuple[tuple[str, str], ...]
    at: int
    strips_left: bool
    strips_right: bool


def tokens(text: str) -> list[str | Tag]:
    """Return the texts and tags of a template in order, without empty texts.

    Raises SyntaxFault for a malformed tag, and UnknownConstruct for one that is not supported.
    """
    found = list(_scanned(text))
    # White space is judged by the text as written, not as trimmed for the tag before.
    originals = list(found)
    for index, token in enumerate(originals):
        if isinstance(token, Tag):
            _trim(found, originals, index, token)
    return [token for token in found if token != ""]


def _scanned(text: str) -> Iterator[str | Tag]:
    position = 0
    while position < len(text):
        start = text.find("{{", position)
        if start < 0:
            yield text[position:]
            return
        before = text[position:start]
        # \{{ is literal up to the next tag; \\{{ is a backslash before a tag.
        if before.endswith("\\") and not before.endswith("\\\\"):
            following = _AFTER_ESCAPED.search(text, start + 2)
            position = following.start() if following else len(text)
            yield before[:-1] + text[start:position]
            continue
        if before:
            yield before[:-1] if before.endswith("\\\\") else before
        tag, position = _tag(text, start)
        yield tag


def _tag(text: str, start: int) -> tuple[Tag, int]:
    if text.startswith("{{{{", start):
        raise UnknownConstruct("raw block")
    opened = _OPEN.match(text, start)
    if opened is None:
        raise SyntaxFault(start)
    left = opened["left"] == "~"
    for kind in ("comment", "else"):
        if opened[kind] is not None:
            right = opened[f"{kind}_right"] == "~"
            return Tag(kind, (), start, left, right), opened.end()
    kind = opened["kind"]
    if kind in _REFUSED:
        raise UnknownConstruct(_REFUSED[kind])
    pieces, closing, end = _pieces(text, opened.end())
    # Three braces must be closed by three.
    if (kind == "{") is not (closing.startswith("}") and len(closing) > len("}}")):
        raise SyntaxFault(end - len(closing))
    named = "partial" if kind == ">" else "chain" if kind.strip() == "else" else _KINDS[kind]
    return Tag(named, tuple(pieces), start, left, "~" in closing), end


def _pieces(text: str, position: int) -> tuple[list[tuple[str, str]], str, int]:
    pieces: list[tuple[str, str]] = []
    while True:
        piece = _PIECE.match(text, position)
        if piece is None or piece.lastgroup is None:
            raise SyntaxFault(position)
        # Four braces close a raw block, wherever they stand.
        if piece.lastgroup == "close" and text.startswith("}}}}", piece.start("close")):
            raise SyntaxFault(piece.start("close"))
        position = piece.end()
        if piece.lastgroup == "close":
            return pieces, piece["close"], position
        text_of = piece[piece.lastgroup]
        if piece.lastgroup == "path" and _NOT_LAST.fullmatch(text_of):
            raise SyntaxFault(position)
        pieces.append((piece.lastgroup, text_of))


def _trim(found: list[str | Tag], originals: list[str | Tag], index: int, tag: Tag) -> None:
    before = originals[index - 1] if index else None
    after = originals[index + 1] if index + 1 < len(originals) else None
    alone = tag.kind in _STANDALONE and _begins_line(before, index) and _ends_line(after, originals)
    if isinstance(before, str):
        text = found[index - 1]
        assert isinstance(text, str)
        if tag.strips_left:
            found[index - 1] = text.rstrip()
        elif alone:
            found[index - 1] = text.rstrip(" \t")
    if isinstance(after, str):
        if tag.strips_right:
            found[index + 1] = after.lstrip()
        elif alone:
            found[index + 1] = re.sub(r"^[ \t]*\r?\n?", "", after)


def _begins_line(before: str | Tag | None, index: int) -> bool:
    if before is None:
        return True
    if isinstance(before, Tag):
        return False
    # The beginning of the template begins a line, too; that of another text follows a tag.
    pattern = r"(?:^|\n)\s*$" if index == 1 else r"\n\s*$"
    return re.search(pattern, before) is not None


def _ends_line(after: str | Tag | None, originals: list[str | Tag]) -> bool:
    if after is None:
        return True
    if isinstance(after, Tag):
        return False
    # And so does the end of the template end one.
    pattern = r"\s*?(?:\r?\n|$)" if after is originals[-1] else r"\s*?\r?\n"
    return re.match(pattern, after) is not None
