"""Mails laid out as a mail program shows them, without anything that makes a request.

In addition to the elements of ``mail.harmless`` this keeps styles and the attributes that lay a
mail out. Whatever could load a file is taken out: sources, links, and ``url()`` and ``@import`` of
styles.
"""

from __future__ import annotations

import re
from html import escape

from scicat_harness.report.page.mail import KEPT, Rewriter, rewritten

__all__ = ["laid_out"]

_ATTRIBUTES = frozenset(
    {
        *("align", "bgcolor", "border", "cellpadding", "cellspacing", "class", "color"),
        *("colspan", "dir", "height", "id", "lang", "rowspan", "style", "title", "valign", "width"),
    }
)
# A backslash may spell any letter in CSS, so styles with one are left out as a whole.
_LOADING = re.compile(r"url\s*\(|@import|image-set|expression\s*\(|\\", re.IGNORECASE)


def laid_out(document: str) -> str:
    """Return the document with known elements and attributes only.

    Example: ``<p style="color: red" onclick=x>hi<img src=y>`` becomes
    ``<p style="color: red">hi<span>[image]</span>``.
    """
    return rewritten(document, _LaidOut())


class _LaidOut(Rewriter):
    known = KEPT | {
        *("body", "center", "col", "colgroup", "font", "footer", "head", "header", "html", "main"),
        *("section", "style"),
    }
    void = frozenset({"br", "hr", "col"})
    dropped = frozenset({"script", "template", "title"})

    def __init__(self) -> None:
        super().__init__()
        self._styles = False

    def start(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            text = next((value for name, value in attrs if name == "alt" and value), "image")
            self.kept.append(f"<span>[{escape(text)}]</span>")
        elif tag in self.known:
            self._styles = tag == "style"
            shown = "".join(
                f' {name}="{escape(value or "")}"'
                for name, value in attrs
                if name in _ATTRIBUTES and not _LOADING.search(value or "")
            )
            self.kept.append(f"<{tag}{shown}>")

    def end(self, tag: str) -> None:
        self._styles = False
        super().end(tag)

    def text(self, data: str) -> None:
        if not self._styles:
            super().text(data)
        # The text of a style is no markup: a "<" would begin some.
        elif not _LOADING.search(data) and "<" not in data:
            self.kept.append(data)
