"""AMQP messages as plain data for the journal."""

from __future__ import annotations

import base64
import json
from typing import Any, Protocol

__all__ = ["TRACE", "TRACE_EXCHANGE", "ReceivedMessage", "message_content", "traced_content"]

TRACE = "trace"
"""The source of arrivals that only the trace of the broker shows (``Collector.trace``)."""
TRACE_EXCHANGE = "amq.rabbitmq.trace"
_PROPERTIES = (
    "content_type",
    "content_encoding",
    "headers",
    "delivery_mode",
    "priority",
    "correlation_id",
    "reply_to",
    "expiration",
    "message_id",
    "timestamp",
    "type",
    "user_id",
    "app_id",
)


class ReceivedMessage(Protocol):
    """The fields of ``basic.deliver`` that go into the journal."""

    exchange: str
    routing_key: str
    redelivered: bool


def message_content(delivery: ReceivedMessage, properties: object, body: bytes) -> dict[str, Any]:
    """Return the journal content of a message; see ``Arrival``.

    Properties that are not set are left out. A body that is not UTF-8 is ``body_base64``; ``json``
    is the parsed body, None if it is not JSON.
    """
    known = {name: getattr(properties, name) for name in _PROPERTIES}
    return _content(delivery.exchange, delivery.routing_key, known, body, delivery.redelivered)


def traced_content(properties: Any, body: bytes) -> dict[str, Any]:
    """Return the journal content of a message of which the broker published a traced copy.

    ``properties`` are those of the copy; its headers describe the message.
    """
    about = properties.headers
    keys = about["routing_keys"]
    return _content(about["exchange_name"], keys[0] if keys else "", about["properties"], body)


def _content(
    exchange: str, key: str, properties: Any, body: bytes, redelivered: bool = False
) -> dict[str, Any]:
    try:
        text = {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        text = {"body_base64": base64.b64encode(body).decode("ascii")}
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    # Headers may hold values that JSON has no form for, such as timestamps and decimals.
    plain = json.loads(json.dumps(properties, default=str))
    return {
        "exchange": exchange,
        "key": key,
        "properties": {name: value for name, value in plain.items() if value is not None},
        **text,
        "json": parsed,
        "redelivered": redelivered,
    }
