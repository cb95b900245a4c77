"""What can be seen of a broker from outside, on both of our own."""

from __future__ import annotations

import pytest

from scicat_harness.broker.closer import closer_from_json
from scicat_harness.broker.embedded_broker import EmbeddedBroker
from scicat_harness.broker.rabbitmq import PrivateNode
from scicat_harness.model.topology import Route

from .client import Client


@pytest.mark.parametrize(
    "kind", ["embedded", pytest.param("rabbitmq", marks=pytest.mark.needs_rabbitmq)]
)
def test_exchanges_queues_and_bindings_are_seen(kind: str, request: pytest.FixtureRequest) -> None:
    own: EmbeddedBroker | PrivateNode = request.getfixturevalue(f"own_{kind}")
    exchange, queue, exclusive = "seen größe", "seen queue", "seen.exclusive"
    with Client(own.address) as client:
        client.channel.exchange_declare(exchange, "topic")
        for name in (queue, exclusive):
            client.channel.queue_declare(name, exclusive=name == exclusive)
            client.channel.queue_bind(name, exchange, "a.key")
        closer = closer_from_json(own.connections_json())
        assert closer is not None
        found = closer.topology()
        client.channel.queue_delete(queue)
        client.channel.exchange_delete(exchange)
    assert exchange in found.exchanges
    assert "amq.topic" in found.exchanges
    ours = {each for each in found.routes if each.queue in (queue, exclusive)}
    assert ours == {
        Route("", queue, queue),
        Route(exchange, queue, "a.key"),
        Route("", exclusive, exclusive),
        Route(exchange, exclusive, "a.key"),
    }
