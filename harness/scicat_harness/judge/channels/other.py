"""Effects that only the probe of a plugin sees."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scicat_harness.judge.channels.channel import ChannelRules, block, short
from scicat_harness.model.effect import Channel
from scicat_harness.sinks.arrival import Arrival

__all__ = ["OtherRules"]


class OtherRules(ChannelRules):
    """``kind`` is the action type; the rest is what its probe predicts."""

    channel = Channel.OTHER
    lane = "other"
    by_source = True

    def line(self, arrival: Arrival) -> str:
        """Everything in short."""
        content = arrival.content.items()
        shown = ", ".join(f"{key} {short(each)}" for key, each in content if key != "kind")
        return f"{arrival.source} with {shown}"

    def in_full(self, arrival: Arrival) -> Iterator[str]:
        """Everything."""
        yield f"{arrival.source}, as its probe saw it"
        for name, value in arrival.content.items():
            if name != "kind":
                shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                yield from block(name, shown)
