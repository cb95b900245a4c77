"""Arrivals made by hand: what sinks and logs would have told."""

from __future__ import annotations

from itertools import count
from typing import Any

from scicat_harness.model.effect import Channel
from scicat_harness.sinks.arrival import Arrival

__all__ = ["call", "entry", "mail", "message"]

_NUMBERS = count(1)
TOKEN = "run-main-0000001"


def mail(subject: str = "done", *, to: str = "a@x.example", **more: Any) -> Arrival:
    """A mail that was taken."""
    content = {
        "stage": "data",
        "accepted": True,
        "rcpt_tos": [each for each in to.split(",") if each],
        "refused": [],
        "subject": subject,
        "from": "scicat@facility.example",
        "html": "<p>done</p>\r\n",
    }
    return _arrival(Channel.EMAIL, "smtp", {**content, **more})


def call(path: str = "/done", *, method: str = "GET", **more: Any) -> Arrival:
    """A call that was answered."""
    content = {
        "method": method,
        "path": path,
        "query": "",
        "headers": [],
        "body": "",
        "status": 200,
    }
    return _arrival(Channel.URL, "url", {**content, **more})


def message(document: Any, *, source: str = "exchange", **more: Any) -> Arrival:
    """A message with a document."""
    content = {
        "exchange": "run.jobs",
        "key": "usual",
        "properties": {"delivery_mode": 2},
        "json": document,
    }
    return _arrival(Channel.AMQP, source, {**content, **more})


def entry(text: str, *, correlation: str | None = TOKEN, context: str = "LogJobAction") -> Arrival:
    """A line of the backend's log."""
    content = {"context": context, "level": "LOG", "text": text}
    return _arrival(Channel.LOG, "log", content, correlation)


def _arrival(
    channel: Channel, source: str, content: dict[str, Any], correlation: str | None = TOKEN
) -> Arrival:
    seq = next(_NUMBERS)
    at = 0.0 if channel is Channel.LOG else 1000.0 + seq
    tokens = (correlation,) if correlation else ()
    return Arrival(seq, at, channel, source, tokens, correlation, content)
