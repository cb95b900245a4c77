"""Channels: one module for each kind of effect, the only place that knows its form.

To add a channel, add a module here and a member of ``model.effect.Channel``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scicat_harness.judge.channels.amqp import AmqpRules
from scicat_harness.judge.channels.channel import ChannelRules
from scicat_harness.judge.channels.email import EmailRules
from scicat_harness.judge.channels.log import LogRules
from scicat_harness.judge.channels.other import OtherRules
from scicat_harness.judge.channels.url import UrlRules
from scicat_harness.model.effect import Channel
from scicat_harness.model.observation import SeenEffect
from scicat_harness.secrets import redact
from scicat_harness.sinks.arrival import Arrival

__all__ = ["CHANNELS", "in_full", "line_of", "seen_effects"]

CHANNELS: Mapping[Channel, ChannelRules] = {
    rules.channel: rules
    for rules in (EmailRules(), UrlRules(), AmqpRules(), LogRules(), OtherRules())
}


def line_of(arrival: Arrival) -> str:
    """Return an arrival as one line of text, such as ``url POST /hook?job=1``."""
    return CHANNELS[Channel(arrival.channel)].line(arrival)


def seen_effects(arrivals: Iterable[Arrival]) -> list[SeenEffect]:
    """Return the effects among arrivals, with the keys of expected ones (``model.effect``).

    Attempts are left out, such as a mail that the server did not accept.
    """
    found = []
    for arrival in arrivals:
        rules = CHANNELS[Channel(arrival.channel)]
        if rules.is_effect(arrival):
            content, line = rules.content(arrival), rules.line(arrival)
            found.append(SeenEffect(rules.channel, arrival.source, arrival.seq, content, line))
    return found


def in_full(arrivals: Iterable[Arrival]) -> list[str]:
    """Return arrivals as lines of ``name: value``, without secrets; long values are cut.

    Content that was shown before, such as that of a queue's copy, is replaced by ``(as above)``.
    """
    shown: list[str] = []
    known: set[tuple[str, ...]] = set()
    for arrival in arrivals:
        rules = CHANNELS[Channel(arrival.channel)]
        first, *rest = [redact(line) for line in rules.in_full(arrival)]
        content = tuple(rest)
        shown += [first, *(rest if content not in known else ["  (as above)"])]
        known.add(content)
    return shown
