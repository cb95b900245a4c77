"""Mails made harmless: what they say and how it is laid out, and nothing that could reach out.

A frame without rights under a policy that forbids every request is not enough: Chromium connects to
the server of a frame within it before it asks the policy.
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
"""Their content is nothing that a mail says."""


def harmless(document: str) -> str:
    """The document with elements that show text only, and without any attribute.

    One that the parser gives up on, such as ``<![x[``, is shown as it is written.
    """
    parser = _Harmless()
    try:
        parser.feed(document)
        parser.close()
    except AssertionError:
        return f"<pre>{escape(document)}</pre>"
    return "".join(parser.kept)


class _Harmless(HTMLParser):
    """Writes anew what is known; nothing of the document gets through as it is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self._within = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _DROPPED:
            self._within += 1
        elif tag in _KEPT and not self._within:
            self.kept.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self._within = max(0, self._within - 1)
        elif tag in _KEPT - _VOID and not self._within:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.kept.append(escape(data))
