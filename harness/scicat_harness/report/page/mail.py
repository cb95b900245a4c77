"""Harmless mails: text and layout of an HTML mail without anything that makes a request.

A sandboxed frame whose policy forbids every request is not enough: Chromium connects to the server
of a nested frame before it evaluates the policy. ``tests/report/test_page_browser.py`` checks it.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

__all__ = ["harmless"]

_KEPT = frozenset(
    {
        *("a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "s", "small"),
        *("span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
        *("u", "ul"),
    }
)
_VOID = frozenset({"br", "hr"})
_DROPPED = frozenset({"script", "style", "template", "title"})
"""Elements whose content is not part of the text of a mail."""


def harmless(document: str) -> str:
    """Return the document with known text elements only, and without attributes.

    A document that the parser cannot read, such as ``<![x[``, is returned as preformatted source.
    Example: ``<p onclick=x>hi<img src=y>`` becomes ``<p>hi``.
    """
    parser = _Harmless()
    try:
        parser.feed(document)
        parser.close()
    # html.parser raises it for markup declarations that it does not know.
    except AssertionError:
        return f"<pre>{escape(document)}</pre>"
    return "".join(parser.kept)


class _Harmless(HTMLParser):
    """Writes known elements anew; no markup of the document is copied."""

    def __init__(self) -> None:
        # Character references become text, which is then escaped like any other.
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self._within = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Any attribute may make a request or run a script: src, href, style, on*.
        del attrs
        if tag in _DROPPED:
            self._within += 1
        elif tag in _KEPT and not self._within:
            self.kept.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            # An end tag without a start must not hide what follows.
            self._within = max(0, self._within - 1)
        elif tag in _KEPT - _VOID and not self._within:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.kept.append(escape(data))
