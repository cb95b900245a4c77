"""Log lines that actions write (specification: action.log)."""

from __future__ import annotations

from collections.abc import Iterator

from scicat_harness.judge.channels.channel import ChannelRules, Content, block, short
from scicat_harness.model.effect import Channel
from scicat_harness.sinks.arrival import Arrival

__all__ = ["LogRules"]


class LogRules(ChannelRules):
    """Rules of the log channel; ``context`` is the logger, ``text`` its message."""

    channel = Channel.LOG
    lane = "log"
    keys = ("context", "level", "text")

    def wanted(self, content: Content) -> Content:
        """Return the expected content without line ends at the end of its text.

        The logger ends an entry with one, so that others cannot be told from it.
        """
        text = content.get("text")
        return {**content, "text": text.rstrip("\n")} if isinstance(text, str) else content

    def line(self, arrival: Arrival) -> str:
        """Return context and text."""
        content = arrival.content
        return f"log [{content.get('context')}] {short(content.get('text'))}"

    def in_full(self, arrival: Arrival) -> Iterator[str]:
        """Yield context, level and text."""
        content = arrival.content
        yield f"log [{content.get('context')}] {content.get('level', '')}".rstrip()
        yield from block("text", content.get("text"))
