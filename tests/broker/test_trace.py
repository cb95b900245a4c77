"""Check list: every published message is traced, as RabbitMQ's firehose does it."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.sinks.amqp import Collector
from scicat_harness.sinks.amqp_message import TRACE
from scicat_harness.sinks.journal import Awaited, Journal

from .client import Client, refused
from .conftest import GIVEN

pytestmark = pytest.mark.skipif(
    bool(os.environ.get(GIVEN)), reason=f"the broker of {GIVEN} need not trace"
)


@pytest.fixture
def traced(client: Client) -> str:
    """A queue with the copies of published messages."""
    queue = client.queue("", exclusive=True)
    client.channel.queue_bind(queue, "amq.rabbitmq.trace", "publish.#")
    return queue


def copy(client: Client, queue: str) -> tuple[str, dict[str, Any], bytes]:
    """The next copy: its key, its headers, and its body."""
    for _ in range(1000):
        method, properties, body = client.channel.basic_get(queue, auto_ack=True)
        if method is not None:
            assert properties is not None
            assert body is not None
            return str(method.routing_key), dict(properties.headers or {}), body
        client.connection.process_data_events(0.01)
    raise AssertionError("no copy of the message came")


def test_a_message_is_traced_wherever_it_goes(client: Client, traced: str, name: str) -> None:
    client.exchange(name)
    client.queue(name)
    client.channel.queue_bind(name, name, "a.b")
    for key, queues in (("a.b", [name]), ("nowhere", [])):
        client.publish(name, key, b"body", delivery_mode=2, type="t", headers={"h": 1})
        found, about, body = copy(client, traced)
        assert (found, body) == (f"publish.{name}", b"body")
        assert (about["exchange_name"], about["routing_keys"]) == (name, [key])
        assert about["routed_queues"] == queues
        assert about["properties"] == {"delivery_mode": 2, "type": "t", "headers": {"h": 1}}
    client.publish("", name, b"straight")
    assert copy(client, traced)[1]["exchange_name"] == ""


def test_nobody_publishes_to_the_trace(client: Client) -> None:
    with refused() as refusal:
        client.publish("amq.rabbitmq.trace", "publish.x", b"")
    assert refusal.code == 403
    client.fresh()


def test_the_collector_shows_what_it_is_not_bound_to(
    client: Client, broker: BrokerAddress, name: str
) -> None:
    client.exchange(name)
    journal = Journal(r"token-\d")
    collector = Collector(broker.url, journal)
    try:
        assert collector.trace()
        collector.bind(f"{name}.bound")
        client.publish(f"{name}.bound", "k", b"token-1")
        client.publish(name, "elsewhere", b"token-2", delivery_mode=2)
        client.publish(f"{name}.bound", "k", b"token-3")
        collector.publish(f"{name}.bound", "k", "token-4")
        awaited = [Awaited(f"token-{number}") for number in (1, 2, 3, 4)]
        arrived = threading.Event()
        with journal.waking({each.correlation for each in awaited}, arrived.set):
            while journal.missing(awaited):
                assert arrived.wait(10.0), journal.missing(awaited)
                arrived.clear()
    finally:
        collector.close()
        client.channel.exchange_delete(f"{name}.bound")
    found = [each for one in awaited for each in journal.taken(one)]
    shown = [(each.source, each.content["exchange"], each.content["body"]) for each in found]
    assert shown == [
        ("exchange", f"{name}.bound", "token-1"),
        (TRACE, name, "token-2"),
        ("exchange", f"{name}.bound", "token-3"),
        ("exchange", f"{name}.bound", "token-4"),
    ]
    assert found[0].content.keys() == found[1].content.keys()
