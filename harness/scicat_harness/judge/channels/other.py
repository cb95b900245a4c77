"""Effects that only the probe of a plugin sees."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scicat_harness.judge.channels.channel import ChannelRules, block, short
from scicat_harness.model.effect import Channel
from scicat_harness.sinks.arrival import Arrival

__all__ = ["OtherRules"]


class OtherRules(ChannelRules):
    """Rules for actions of plugins; ``kind`` is the action type.

    The other keys are those that the probe of the plugin predicts and sees.
    """

    channel = Channel.OTHER
    lane = "other"
    by_source = True

    def line(self, arrival: Arrival) -> str:
        """Return all keys with their values, cut where they are long."""
        content = arrival.content.items()
        shown = ", ".join(f"{key} {short(each)}" for key, each in content if key != "kind")
        return f"{arrival.source} with {shown}"

    def in_full(self, arrival: Arrival) -> Iterator[str]:
        """Yield all keys with their values."""
        yield f"{arrival.source}, as its probe saw it"
        for name, value in arrival.content.items():
            if name != "kind":
                shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                yield from block(name, shown)
