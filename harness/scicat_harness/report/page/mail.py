"""Harmless mails: text and layout of an HTML mail without anything that makes a request.

A sandboxed frame whose policy forbids every request is not enough: Chromium connects to the server
of a nested frame before it evaluates the policy. ``tests/report/test_page_browser.py`` checks it.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import ClassVar

__all__ = ["KEPT", "Rewriter", "harmless", "rewritten"]

KEPT = frozenset(
    {
        *("a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "s", "small"),
        *("span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
        *("u", "ul"),
    }
)
"""The elements of a text."""


def harmless(document: str) -> str:
    """Return the document with known text elements only, and without attributes.

    A document that the parser cannot read, such as ``<![x[``, is returned as preformatted source.
    Example: ``<p onclick=x>hi<img src=y>`` becomes ``<p>hi``.
    """
    return rewritten(document, Rewriter())


def rewritten(document: str, rewriter: Rewriter) -> str:
    """Return what a rewriter keeps of a document, or its source if the parser cannot read it."""
    try:
        rewriter.feed(document)
        rewriter.close()
    # html.parser raises it for markup declarations that it does not know.
    except AssertionError:
        return f"<pre>{escape(document)}</pre>"
    return "".join(rewriter.kept)


class Rewriter(HTMLParser):
    """Writes known elements anew, without attributes; no markup of the document is copied."""

    known: ClassVar[frozenset[str]] = KEPT
    void: ClassVar[frozenset[str]] = frozenset({"br", "hr"})
    dropped: ClassVar[frozenset[str]] = frozenset({"script", "style", "template", "title"})
    """Elements whose content is not part of the text of a mail."""

    def __init__(self) -> None:
        # Character references become text, which is then escaped like any other.
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self._within = 0

    def start(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write the start tag of an element that is not dropped."""
        # Any attribute may make a request or run a script: src, href, style, on*.
        del attrs
        if tag in self.known:
            self.kept.append(f"<{tag}>")

    def end(self, tag: str) -> None:
        """Write the end tag of a known element."""
        self.kept.append(f"</{tag}>")

    def text(self, data: str) -> None:
        """Write the text of an element."""
        self.kept.append(escape(data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.dropped:
            self._within += 1
        elif not self._within:
            self.start(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.dropped:
            # An end tag without a start must not hide what follows.
            self._within = max(0, self._within - 1)
        elif tag in self.known - self.void and not self._within:
            self.end(tag)

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.text(data)
