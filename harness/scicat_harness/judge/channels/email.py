"""Mails: their recipients are those of the envelope; one that no server took is no effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scicat_harness.judge.channels.channel import ChannelRules, Content, block, one_line, short
from scicat_harness.model.effect import Channel
from scicat_harness.sinks.arrival import Arrival

__all__ = ["EmailRules"]


class EmailRules(ChannelRules):
    """``to`` is expected as one text with commas, and seen as a list."""

    channel = Channel.EMAIL
    lane = "awaited"
    keys = ("to", "from", "reply_to", "subject", "html", "text")

    def is_effect(self, arrival: Arrival) -> bool:
        """Whether the server took it."""
        return bool(arrival.content.get("accepted", True))

    def content(self, arrival: Arrival) -> dict[str, Any]:
        """The mail with the recipients of its envelope."""
        content = arrival.content
        html = content.get("html")
        return {
            **content,
            "to": list(content.get("rcpt_tos", ())),
            # A mail ends with a line break that no template wrote.
            "html": html.replace("\r\n", "\n").rstrip("\n") if isinstance(html, str) else html,
        }

    def wanted(self, content: Content) -> Content:
        """With the recipients as a list."""
        if "to" not in content:
            return content
        to = [each.strip() for each in str(content["to"]).split(",") if each.strip()]
        return {**content, "to": to}

    def line(self, arrival: Arrival) -> str:
        """Recipients and subject."""
        content = arrival.content
        to = ", ".join(content.get("rcpt_tos", ())) or "nobody"
        fate = "" if self.is_effect(arrival) else ", which was not taken"
        return f"email to {to}, subject {short(content.get('subject'))}{fate}"

    def in_full(self, arrival: Arrival) -> Iterator[str]:
        """Envelope, headers and text."""
        content = arrival.content
        taken = "taken" if content.get("accepted") else f"not taken (got to {content.get('stage')})"
        yield f"email through {arrival.source}, {taken}"
        yield f"  recipients: {', '.join(content.get('rcpt_tos', ())) or '(none)'}"
        if content.get("refused"):
            yield f"  refused: {one_line(content['refused'])}"
        for name in ("from", "reply_to", "to", "subject"):
            if content.get(name):
                yield f"  {name}: {one_line(content[name])}"
        yield from block("html", content.get("html"))
        if not content.get("html"):
            yield from block("text", content.get("text"))
