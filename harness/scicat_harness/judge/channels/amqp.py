"""Messages: each is seen at the exchange, and once more in every queue that got a copy."""

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
    """``json`` must be the stored job, no key more and no key less."""

    channel = Channel.AMQP
    lane = "amqp"
    by_source = True
    keys = ("source", "exchange", "key", "properties", "json", "body", "layout")

    def content(self, arrival: Arrival) -> dict[str, Any]:
        """The message with its properties."""
        content = arrival.content
        found = {**content, **content.get("properties", {})}
        return {**found, "source": arrival.source, "layout": _layout(content)}

    def key_differences(
        self, key: str, wanted: Any, found: Any, content: Content
    ) -> Iterator[Difference]:
        """The document key by key; of a record that keeps the document, no body."""
        if key == "body" and "body" not in content:
            return
        if key != "json" or not isinstance(wanted, Mapping) or not isinstance(found, Mapping):
            yield from super().key_differences(key, wanted, found, content)
            return
        for name in (*wanted, *(each for each in found if each not in wanted)):
            if found.get(name) != wanted.get(name):
                yield Difference(f"json.{name}", wanted.get(name), found.get(name))

    def recorded(self, content: Content) -> dict[str, Any]:
        """The document, or else the body."""
        kept = super().recorded(content)
        if kept.get("json") is not None:
            kept.pop("body", None)
        return kept

    def line(self, arrival: Arrival) -> str:
        """Exchange, routing key, and where it was seen."""
        content = arrival.content
        return f"amqp {content['exchange']}/{content['key']} at {arrival.source}"

    def in_full(self, arrival: Arrival) -> Iterator[str]:
        """Properties and document."""
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
    """Whether the JSON of a message has blanks and line breaks between its parts."""
    body = content.get("body")
    plain = isinstance(body, str) and not re.match(r"[\[{]\s", body)
    return "compact" if plain else "with blanks"
