"""Arrivals of the journal as blocks of text: mails, URL calls and messages of one request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scicat_harness.judge.channels.headers import HIDDEN_HEADERS, SECRET_HEADERS
from scicat_harness.report.page.block import DetailBlock, Look
from scicat_harness.report.page.mail import harmless
from scicat_harness.report.stored.journal import JOURNAL
from scicat_harness.secrets import redact
from scicat_harness.sinks.arrival import AMQP, EMAIL, URL, Arrival

__all__ = ["pretty", "shown"]

Content = Mapping[str, Any]


def shown(arrival: Arrival) -> list[DetailBlock]:
    """Return an arrival as blocks without secrets: a summary, then the body if there is one.

    An arrival of an unknown channel is shown as JSON.
    """
    # Redacted last and once, so that no channel can forget a part.
    blocks = _SHOWN.get(arrival.channel, _anything)(arrival)
    return [DetailBlock(each.title, redact(each.text), each.look) for each in blocks if each.text]


def _mail(arrival: Arrival) -> Iterator[DetailBlock]:
    content = arrival.content
    named = {
        "recipients": ", ".join(content.get("rcpt_tos") or ()),
        "refused": content.get("refused"),
        **{name: content.get(name) for name in ("from", "reply_to", "to", "subject")},
    }
    # ``stage`` is the last SMTP command that a refused mail reached (sinks.arrival).
    refusal = f"not accepted, reached {content.get('stage')}"
    fate = "accepted" if content.get("accepted") else refusal
    yield DetailBlock(f"mail through {arrival.source}, {fate}", _named(named.items()))
    if content.get("html"):
        yield DetailBlock("mail with its layout", harmless(str(content["html"])), Look.MAIL)
        yield DetailBlock("source of the mail", str(content["html"]))
    else:
        yield DetailBlock("text of the mail", str(content.get("text") or ""))


def _call(arrival: Arrival) -> Iterator[DetailBlock]:
    content = arrival.content
    query = f"?{content['query']}" if content.get("query") else ""
    answered = content.get("status") or "no answer"
    headers = [
        (name, "***" if name.lower() in SECRET_HEADERS else value)
        for name, value in content.get("headers") or ()
        if name.lower() not in HIDDEN_HEADERS
    ]
    line = f"{content.get('method')} {content.get('path')}{query} -> {answered}"
    yield DetailBlock(f"call of {arrival.source}", f"{line}\n{_named(headers)}".rstrip())
    yield DetailBlock("body of the call", _body(content))


def _message(arrival: Arrival) -> Iterator[DetailBlock]:
    content = arrival.content
    routed = {"exchange": content.get("exchange"), "key": content.get("key")}
    named = {**routed, **(content.get("properties") or {})}
    yield DetailBlock(f"message at {arrival.source}", _named(named.items()))
    yield DetailBlock("body of the message", _body(content))


def _anything(arrival: Arrival) -> Iterator[DetailBlock]:
    yield DetailBlock(f"{arrival.channel} {arrival.source}", pretty(json.dumps(arrival.content)))


_SHOWN: Mapping[str, Callable[[Arrival], Iterator[DetailBlock]]] = {
    EMAIL: _mail,
    URL: _call,
    AMQP: _message,
}


def _named(pairs: Any) -> str:
    # Empty values are left out, but False is a value.
    return "\n".join(f"{name}: {_line(value)}" for name, value in pairs if value or value is False)


def _line(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _body(content: Content) -> str:
    """Return the body as text; of a binary one only its size.

    Nobody can read base64, and secrets cannot be found and removed in it.
    """
    if content.get("body_base64"):
        return f"({len(str(content['body_base64']))} characters of base64 in {JOURNAL})"
    return pretty(str(content.get("body") or ""))


def pretty(text: str) -> str:
    """Return JSON objects and arrays with one value per line, any other text unchanged."""
    try:
        document = json.loads(text)
        # A text such as "5" is JSON, too, and is shown as it was sent.
        if not isinstance(document, dict | list):
            return text
        return json.dumps(document, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
