"""Mails laid out as a mail program shows them, without anything that makes a request.

In addition to the elements of ``mail.harmless`` this keeps styles and the attributes that lay a
mail out. Whatever could load a file is taken out: sources, links, and ``url()`` and ``@import`` of
styles.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

__all__ = ["laid_out"]

_ELEMENTS = """
a abbr b blockquote body br caption center code col colgroup dd del div dl dt em font footer h1 h2
h3 h4 h5 h6 head header hr html i li main ol p pre s section small span strong style sub sup table
tbody td tfoot th thead tr u ul
"""
_KEPT = frozenset(_ELEMENTS.split())
_VOID = frozenset({"br", "hr", "col"})
_ATTRIBUTES = frozenset(
    {
        *("align", "bgcolor", "border", "cellpadding", "cellspacing", "class", "color"),
        *("colspan", "dir", "height", "id", "lang", "rowspan", "style", "title", "valign", "width"),
    }
)
_DROPPED = frozenset({"script", "template", "title"})
# A backslash may spell any letter in CSS, so styles with one are left out as a whole.
_LOADING = re.compile(r"url\s*\(|@import|image-set|expression\s*\(|\\", re.IGNORECASE)


def laid_out(document: str) -> str:
    """Return the document with known elements and attributes only.

    Example: ``<p style="color: red" onclick=x>hi<img src=y>`` becomes
    ``<p style="color: red">hi<span>[image]</span>``.
    """
    parser = _LaidOut()
    try:
        parser.feed(document)
        parser.close()
    # html.parser raises it for markup declarations that it does not know.
    except AssertionError:
        return f"<pre>{escape(document)}</pre>"
    return "".join(parser.kept)


class _LaidOut(HTMLParser):
    """Writes known elements anew; no markup of the document is copied."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self._within = 0
        self._styles = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._within += 1
        elif self._within:
            return
        elif tag == "img":
            text = next((value for name, value in attrs if name == "alt" and value), "image")
            self.kept.append(f"<span>[{escape(text)}]</span>")
        elif tag in _KEPT:
            self._styles = tag == "style"
            shown = "".join(
                f' {name}="{escape(value or "")}"'
                for name, value in attrs
                if name in _ATTRIBUTES and not _LOADING.search(value or "")
            )
            self.kept.append(f"<{tag}{shown}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self._within = max(0, self._within - 1)
        elif tag in _KEPT - _VOID and not self._within:
            self._styles = False
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._within:
            return
        if not self._styles:
            self.kept.append(escape(data))
        # The text of a style is no markup: a "<" would begin some.
        elif not _LOADING.search(data) and "<" not in data:
            self.kept.append(data)
