"""Effects: those expected against those seen, exactly once each and in order.

What is expected is written by hand with names for what only a run knows; what was seen comes from
the sinks' journal and from the backend's log. Anything more than expected is a failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scicat_harness.model.effect import Channel, Effect, Stored
from scicat_harness.model.text import Text, fill
from scicat_harness.sinks.arrival import Arrival

__all__ = [
    "Values",
    "comparable_content",
    "effect_problems",
    "in_words_of_effects",
    "shown_arrival",
    "wanted",
    "was_taken",
]

Document = Mapping[str, Any]
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Values:
    """What a run knows: names for texts, and the job as it is stored (None: there is none)."""

    names: Mapping[str, str]
    stored: Document | None = None


def effect_problems(
    expected: Sequence[Effect], seen: Iterable[Arrival], values: Values
) -> list[str]:
    """Differences as sentences; empty when each effect was seen once, in order, and no other.

    A mail that the server did not take is no effect.
    """
    left = [each for each in seen if was_taken(each)]
    problems: list[str] = []
    matched: list[tuple[Effect, Arrival]] = []
    missing: list[tuple[Effect, Mapping[str, Any]]] = []
    for effect in expected:
        content = wanted(effect, values)
        found = next(
            (each for each in left if not _differences(effect.channel, content, each)), None
        )
        if found is None:
            missing.append((effect, content))
        else:
            left.remove(found)
            matched.append((effect, found))
    for effect, content in missing:
        nearest = _nearest(effect.channel, content, left)
        if nearest is None:
            problems.append(f"no {_named(effect.channel, content)} (by {effect.rule})")
        else:
            left.remove(nearest)
            problems += [
                f"{effect.channel}: {each} (by {effect.rule})"
                for each in _differences(effect.channel, content, nearest)
            ]
    problems += [f"unexpected {shown_arrival(each)}" for each in left]
    return problems or _order_problems(matched)


def was_taken(arrival: Arrival) -> bool:
    """Whether it is an effect: a mail that the server did not take is none."""
    return arrival.channel != Channel.EMAIL or bool(arrival.content.get("accepted", True))


def wanted(effect: Effect, values: Values) -> Mapping[str, Any]:
    """What an effect must look like in this run, as far as anybody can say."""
    return _all_filled(effect.content, values)


def _all_filled(content: Mapping[str, Any], values: Values) -> dict[str, Any]:
    return {
        key: _filled(value, values)
        for key, value in content.items()
        if not (isinstance(value, Text) and value.unjudged)
    }


def _filled(value: Any, values: Values) -> Any:
    if isinstance(value, Text):
        return fill(value.means, values.names)
    if isinstance(value, Stored):
        return values.stored
    if isinstance(value, Mapping):
        return _all_filled(value, values)
    if isinstance(value, list | tuple):
        return [_filled(each, values) for each in value]
    return fill(value, values.names) if isinstance(value, str) else value


def _differences(channel: Channel, content: Mapping[str, Any], arrival: Arrival) -> list[str]:
    """In what an arrival is not what is wanted."""
    if arrival.channel != channel:
        return [f"is no {channel}"]
    found = in_words_of_effects(arrival)
    differing: list[str] = []
    for key, value in content.items():
        if key == "headers" and channel is Channel.URL:
            differing += _header_differences(value, found["headers"])
        elif key == "json" and channel is Channel.AMQP:
            differing += _document_differences(value, found["json"])
        elif found.get(key) != comparable_content(channel, key, value):
            differing.append(f"{key} {_short(found.get(key))} instead of {_short(value)}")
    return differing


def comparable_content(channel: Channel, key: str, value: Any) -> Any:
    """Recipients are written as one text, separated by commas."""
    if channel is Channel.EMAIL and key == "to":
        return [each.strip() for each in str(value).split(",") if each.strip()]
    return value


def in_words_of_effects(arrival: Arrival) -> dict[str, Any]:
    """An arrival in the words of what is expected."""
    content = arrival.content
    if arrival.channel == Channel.EMAIL:
        html = content.get("html")
        return {
            **content,
            "to": list(content.get("rcpt_tos", ())),
            # A mail ends with a line break that no template wrote.
            "html": html.replace("\r\n", "\n").rstrip("\n") if isinstance(html, str) else html,
        }
    if arrival.channel == Channel.URL:
        query = content.get("query")
        path = content["path"] + (f"?{query}" if query else "")
        headers = {name.lower(): value for name, value in content["headers"]}
        return {**content, "path": path, "headers": headers}
    if arrival.channel == Channel.AMQP:
        properties = content.get("properties", {})
        return {**content, **properties, "source": arrival.source, "layout": _layout(content)}
    return dict(content)


def _layout(content: Mapping[str, Any]) -> str:
    """Whether the JSON of a message has blanks and line breaks between its parts."""
    body = content.get("body")
    plain = isinstance(body, str) and not re.match(r"[\[{]\s", body)
    return "compact" if plain else "with blanks"


def _header_differences(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    return [
        f"header {name} is {_short(found.get(name.lower()))} instead of {_short(value)}"
        for name, value in expected.items()
        if found.get(name.lower()) != value
    ]


def _document_differences(stored: Any, found: Any) -> list[str]:
    """A message must hold the stored job, nothing else and nothing less."""
    if not isinstance(stored, Mapping) or not isinstance(found, Mapping):
        return [] if stored == found else [f"message {_short(found)} instead of {_short(stored)}"]
    keys = [*stored, *(key for key in found if key not in stored)]
    return [
        f"message has {key} {_short(found.get(key))}, stored is {_short(stored.get(key))}"
        for key in keys
        if found.get(key) != stored.get(key)
    ]


def _nearest(
    channel: Channel, content: Mapping[str, Any], left: Sequence[Arrival]
) -> Arrival | None:
    """The arrival of that channel that differs least."""
    same = [each for each in left if each.channel == channel]
    return min(same, key=lambda each: len(_differences(channel, content, each)), default=None)


_ORDERED: tuple[frozenset[Channel], ...] = (
    # Both are over before the next action starts.
    frozenset({Channel.URL, Channel.EMAIL}),
    frozenset({Channel.AMQP}),
    frozenset({Channel.LOG}),
    frozenset({Channel.OTHER}),
)


_BY_SOURCE = frozenset({Channel.AMQP, Channel.OTHER})
"""Each queue, and each probe, keeps an order of its own."""


def _order_problems(matched: Sequence[tuple[Effect, Arrival]]) -> list[str]:
    for channels in _ORDERED:
        lanes: dict[str, list[tuple[Effect, Arrival]]] = {}
        for effect, arrival in matched:
            if effect.channel in channels:
                lane = arrival.source if effect.channel in _BY_SOURCE else ""
                lanes.setdefault(lane, []).append((effect, arrival))
        for pairs in lanes.values():
            arrived = [arrival.seq for _, arrival in pairs]
            if arrived != sorted(arrived):
                came = sorted(pairs, key=lambda pair: pair[1].seq)
                shown = " before ".join(shown_arrival(arrival) for _, arrival in came)
                return [f"in the wrong order: {shown}"]
    return []


def _named(channel: Channel, content: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{key} {_short(value)}" for key, value in content.items())
    return f"{channel} with {shown}"


def shown_arrival(arrival: Arrival) -> str:
    """An arrival in one line."""
    content = arrival.content
    if arrival.channel == Channel.EMAIL:
        to = ", ".join(content.get("rcpt_tos", ()))
        fate = "" if content.get("accepted", True) else ", which was not taken"
        return f"email to {to or 'nobody'}, subject {_short(content.get('subject'))}{fate}"
    if arrival.channel == Channel.URL:
        query = f"?{content['query']}" if content.get("query") else ""
        return f"url {content['method']} {content['path']}{query}"
    if arrival.channel == Channel.AMQP:
        return f"amqp {content['exchange']}/{content['key']} at {arrival.source}"
    if arrival.channel == Channel.OTHER:
        shown = ", ".join(f"{key} {_short(each)}" for key, each in content.items() if key != "kind")
        return f"{arrival.source} with {shown}"
    return f"log [{content.get('context')}] {_short(content.get('text'))}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
