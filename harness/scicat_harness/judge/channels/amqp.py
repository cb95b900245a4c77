"""Messages: each arrives at the exchange, and again in every queue that got a copy.

See specification: action.rabbitmq.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from scicat_harness.judge.channels.channel import ChannelRules, Content, block, one_line
from scicat_harness.judge.channels.url import body_of
from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Channel
from scicat_harness.sinks.arrival import Arrival

__all__ = ["AmqpRules"]


class AmqpRules(ChannelRules):
    """Rules of the amqp channel; ``json`` must be the stored job, without further keys."""

    channel = Channel.AMQP
    lane = "amqp"
    by_source = True
    keys = ("source", "exchange", "key", "properties", "json", "body", "layout")

    def content(self, arrival: Arrival) -> dict[str, Any]:
        """Return the message with its properties, and ``source``: the exchange or a queue."""
        content = arrival.content
        found = {**content, **content.get("properties", {})}
        return {**found, "source": arrival.source, "layout": _layout(content)}

    def key_differences(
        self, key: str, wanted: Any, found: Any, content: Content
    ) -> Iterator[Difference]:
        """Compare the document key by key, with paths ``json.KEY``."""
        # A record keeps the document instead of the body.
        if key == "body" and "body" not in content:
            return
        if key != "json" or not isinstance(wanted, Mapping) or not isinstance(found, Mapping):
            yield from super().key_differences(key, wanted, found, content)
            return
        # Expected keys first, then those that are too many.
        for name in (*wanted, *(each for each in found if each not in wanted)):
            if found.get(name) != wanted.get(name):
                yield Difference(f"json.{name}", wanted.get(name), found.get(name))

    def recorded(self, content: Content) -> dict[str, Any]:
        """Keep the document, or else the body."""
        kept = super().recorded(content)
        if kept.get("json") is not None:
            kept.pop("body", None)
        return kept

    def line(self, arrival: Arrival) -> str:
        """Return exchange, routing key, and the place of arrival."""
        content = arrival.content
        return f"amqp {content['exchange']}/{content['key']} at {arrival.source}"

    def in_full(self, arrival: Arrival) -> Iterator[str]:
        """Yield properties and document."""
        content = arrival.content
        yield self.line(arrival)
        for name, value in content.get("properties", {}).items():
            if value not in (None, "", {}):
                yield f"  {name}: {one_line(value)}"
        document = content.get("json")
        if document is None:
            yield from block("body", body_of(content))
        else:
            yield from block("json", json.dumps(document, indent=1, ensure_ascii=False))


def _layout(content: Content) -> str:
    """Return "compact", or "with blanks" for JSON with blanks or line breaks between its parts.

    Messages are compact JSON (specification: action.rabbitmq).
    """
    # A body that is no text is not compact JSON either.
    body = content.get("body")
    plain = isinstance(body, str) and not re.match(r"[\[{]\s", body)
    return "compact" if plain else "with blanks"
