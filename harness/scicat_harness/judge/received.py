"""What was received, in full: a mail, a call or a message as the other side saw it.

For people who look for the reason of a failure; a timeline names an effect, this shows it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from scicat_harness.model.effect import Channel
from scicat_harness.secrets import redact
from scicat_harness.sinks.arrival import Arrival

__all__ = ["HIDDEN_HEADERS", "SECRET_HEADERS", "received"]

Content = Mapping[str, Any]
_LONGEST = 1000
_MOST_LINES = 12
HIDDEN_HEADERS = frozenset({"accept", "accept-encoding", "accept-language", "connection", "host"})
"""Headers that every call has and no configuration names."""
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie"})


def received(arrivals: Iterable[Arrival]) -> list[str]:
    """Lines of ``name: value``, without secrets; long values are cut, and say so.

    What came the same way as something before it, such as a queue's copy, is shown once.
    """
    shown: list[str] = []
    known: set[tuple[str, ...]] = set()
    for arrival in arrivals:
        first, *rest = [redact(line) for line in _SHOWN[Channel(arrival.channel)](arrival)]
        content = tuple(rest)
        shown += [first, *(rest if content not in known else ["  (as above)"])]
        known.add(content)
    return shown


def _mail(arrival: Arrival) -> Iterator[str]:
    content = arrival.content
    yield f"email through {arrival.source}, {_taken(content)}"
    yield f"  recipients: {', '.join(content.get('rcpt_tos', ())) or '(none)'}"
    if content.get("refused"):
        yield f"  refused: {_line(content['refused'])}"
    for name in ("from", "reply_to", "to", "subject"):
        if content.get(name):
            yield f"  {name}: {_line(content[name])}"
    yield from _block("html", content.get("html"))
    if not content.get("html"):
        yield from _block("text", content.get("text"))


def _taken(content: Content) -> str:
    return "taken" if content.get("accepted") else f"not taken (got to {content.get('stage')})"


def _call(arrival: Arrival) -> Iterator[str]:
    content = arrival.content
    query = f"?{content['query']}" if content.get("query") else ""
    status = content.get("status")
    answered = "no answer" if status is None else f"answered {status}"
    yield f"url {content['method']} {content['path']}{query}, {answered}"
    for name, value in content["headers"]:
        if name.lower() not in HIDDEN_HEADERS:
            yield f"  {name}: {'***' if name.lower() in SECRET_HEADERS else _line(value)}"
    yield from _block("body", _body(content))


def _message(arrival: Arrival) -> Iterator[str]:
    content = arrival.content
    yield f"amqp {content['exchange']}/{content['key']} at {arrival.source}"
    for name, value in content.get("properties", {}).items():
        if value not in (None, "", {}):
            yield f"  {name}: {_line(value)}"
    document = content.get("json")
    if document is None:
        yield from _block("body", _body(content))
    else:
        yield from _block("json", json.dumps(document, indent=1, ensure_ascii=False))


def _entry(arrival: Arrival) -> Iterator[str]:
    yield f"log [{arrival.content.get('context')}] {arrival.content.get('level', '')}".rstrip()
    yield from _block("text", arrival.content.get("text"))


def _of_a_probe(arrival: Arrival) -> Iterator[str]:
    yield f"{arrival.source}, as its probe saw it"
    for name, value in arrival.content.items():
        if name != "kind":
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            yield from _block(name, shown)


_SHOWN: Mapping[Channel, Callable[[Arrival], Iterator[str]]] = {
    Channel.EMAIL: _mail,
    Channel.URL: _call,
    Channel.AMQP: _message,
    Channel.LOG: _entry,
    Channel.OTHER: _of_a_probe,
}


def _body(content: Content) -> str | None:
    if content.get("body_base64"):
        return f"(base64) {content['body_base64']}"
    body: str | None = content.get("body")
    return body


def _block(name: str, value: object) -> Iterator[str]:
    """A text that may have several lines, below its name if so."""
    text = "" if value is None else str(value).replace("\r\n", "\n").rstrip("\n")
    if not text:
        return
    lines = text.splitlines() or [""]
    if len(lines) == 1:
        yield f"  {name}: {_line(text)}"
        return
    yield f"  {name}:"
    yield from (f"    {_line(each)}" for each in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield f"    ({len(lines) - _MOST_LINES} more lines)"


def _line(value: object) -> str:
    values = value if isinstance(value, list | tuple) else [value]
    text = ", ".join(str(each) for each in values)
    more = len(text) - _LONGEST
    return text if more <= 0 else f"{text[:_LONGEST]}... ({more} more characters)"
