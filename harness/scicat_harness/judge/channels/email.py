"""Mails: their recipients are those of the envelope; one that the server refused is no effect.

See specification: action.email.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scicat_harness.judge.channels.channel import ChannelRules, Content, block, one_line, short
from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Channel
from scicat_harness.sinks.arrival import Arrival

__all__ = ["EmailRules"]


_HEADERS = frozenset(
    {
        *("from", "to", "reply-to", "subject", "date", "message-id"),
        *("mime-version", "content-type", "content-transfer-encoding"),
    }
)
"""Headers of a mail (observed v4.20.2 to v5.2.1)."""
_PARTS = (["text/html"], ["text/plain"])
"""The types of the parts of a mail; a text that renders to nothing is plain."""


class EmailRules(ChannelRules):
    """Rules of the email channel; ``to`` is expected as text with commas, and seen as a list."""

    channel = Channel.EMAIL
    lane = "awaited"
    keys = ("to", "from", "reply_to", "subject", "html", "text")

    def is_effect(self, arrival: Arrival) -> bool:
        """Return whether the server accepted the mail."""
        return bool(arrival.content.get("accepted", True))

    def content(self, arrival: Arrival) -> dict[str, Any]:
        """Return the mail with the recipients of its envelope as ``to``."""
        content = arrival.content
        html = content.get("html")
        return {
            **content,
            # The header may name others than those who get the mail, such as in a group.
            "to": list(content.get("rcpt_tos", ())),
            # A mail ends with a line break that no template wrote.
            "html": html.replace("\r\n", "\n").rstrip("\n") if isinstance(html, str) else html,
        }

    def wanted(self, content: Content) -> Content:
        """Return the expected content with the recipients as a list."""
        if "to" not in content:
            return content
        to = [each.strip() for each in str(content["to"]).split(",") if each.strip()]
        return {**content, "to": to}

    def surplus(self, wanted: Content, found: Content) -> Iterator[Difference]:
        """Yield headers and parts that no mail of SciCat has, and headers that stand twice."""
        del wanted
        names = [name.lower() for name, _ in found.get("headers", ())]
        for name in sorted({each for each in names if each not in _HEADERS}):
            yield Difference(f"headers.{name}", None, _values(found, name))
        for name in sorted({each for each in names if names.count(each) > 1} & _HEADERS):
            yield Difference(f"headers.{name}", "one header", _values(found, name))
        html, plain = _PARTS
        wanted_parts = _PARTS if not found.get("html") else (html,)
        if "parts" in found and found["parts"] not in wanted_parts:
            yield Difference("parts", html if found.get("html") else plain, found["parts"])

    def line(self, arrival: Arrival) -> str:
        """Return recipients and subject."""
        content = arrival.content
        to = ", ".join(content.get("rcpt_tos", ())) or "nobody"
        refused = "" if self.is_effect(arrival) else ", not accepted by the server"
        return f"email to {to}, subject {short(content.get('subject'))}{refused}"

    def in_full(self, arrival: Arrival) -> Iterator[str]:
        """Yield envelope, headers and text."""
        content = arrival.content
        reached = content.get("stage")
        result = "accepted" if content.get("accepted") else f"not accepted (reached {reached})"
        yield f"email through {arrival.source}, {result}"
        yield f"  recipients: {', '.join(content.get('rcpt_tos', ())) or '(none)'}"
        if content.get("refused"):
            yield f"  refused: {one_line(content['refused'])}"
        for name in ("from", "reply_to", "to", "subject"):
            if content.get(name):
                yield f"  {name}: {one_line(content[name])}"
        yield from block("html", content.get("html"))
        if not content.get("html"):
            yield from block("text", content.get("text"))


def _values(content: Content, name: str) -> str:
    return ", ".join(value for each, value in content["headers"] if each.lower() == name)
