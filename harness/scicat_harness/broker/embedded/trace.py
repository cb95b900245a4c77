"""The trace of messages: a copy of each published message to an exchange of its own.

RabbitMQ calls it the firehose (its documentation: "Firehose Tracer"). The copy goes to the topic
exchange ``amq.rabbitmq.trace`` with the key ``publish.EXCHANGE``. Its headers have the exchange,
the routing keys, the properties and the queues of the message; the body is that of the message.
Deliveries, which RabbitMQ traces as well, are not traced here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pamqp import commands
from pamqp.header import ContentHeader

from scicat_harness.broker.embedded.wire import Message, read_header

__all__ = ["TRACE", "traced"]

TRACE = "amq.rabbitmq.trace"
"""The exchange of the copies; only the broker publishes to it."""


def traced(message: Message, queues: Iterable[str], user: str) -> Message:
    """Return the copy of a message that went to these queues, published by ``user``."""
    header = read_header(message.header)
    sent = header.properties
    # "type" is the name in the specification; pamqp has another one.
    properties: dict[str, Any] = {
        {"message_type": "type"}.get(name, name): value
        for name, value in sent
        if value is not None and value != ""
    }
    about: dict[str, Any] = {
        "exchange_name": message.exchange,
        "routing_keys": [message.routing_key],
        "properties": properties,
        "routed_queues": list(queues),
        "user": user,
        "vhost": "/",
    }
    copy = ContentHeader(
        body_size=len(message.body), properties=commands.Basic.Properties(headers=about)
    )
    # The payload of a header frame starts with the class of basic and a weight of 0.
    return Message(TRACE, f"publish.{message.exchange}", copy.marshal(), message.body)
