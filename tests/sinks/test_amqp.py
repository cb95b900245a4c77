"""The AMQP collector against a real broker, with pika as the publisher."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from scicat_harness.deploy.sinks import start_sinks
from scicat_harness.errors import EnvironmentFault
from scicat_harness.processes.children import Children
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.amqp_client import QueueState
from scicat_harness.sinks.client import Sinks
from scicat_harness.sinks.journal import Awaited
from tests.sinks.conftest import RUN
from tests.sinks.proxy import Proxy

URL = os.environ.get("SCICAT_CI_AMQP_URL", "")

pytestmark = [
    pytest.mark.needs_rabbitmq,
    pytest.mark.skipif(not URL, reason="SCICAT_CI_AMQP_URL names no RabbitMQ"),
]


@pytest.fixture(scope="module")
def collecting(address: SinksAddress) -> None:
    """The shared sinks are connected to the broker."""
    with Sinks(address) as sinks:
        sinks.amqp.connect(URL)


@pytest.fixture
def channel() -> Iterator[BlockingChannel]:
    """A channel of a connection of our own."""
    connection = pika.BlockingConnection(pika.URLParameters(URL))
    yield connection.channel()
    connection.close()


@pytest.fixture
def names(collecting: None, sinks: Sinks, token: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001
    """Names for an exchange and a queue; what was made under them is removed."""
    exchange, queue = f"{token}.exchange", f"{token}.queue"
    yield exchange, queue
    sinks.amqp.delete(token, queues=[queue], exchanges=[exchange])


def test_what_is_published_to_an_exchange_arrives(
    sinks: Sinks, names: tuple[str, str], channel: BlockingChannel, mint: Callable[[], str]
) -> None:
    exchange, _ = names
    caused = mint()
    sinks.amqp.bind(exchange)
    channel.exchange_declare(exchange, "topic", durable=True)
    body = json.dumps({"jobParams": {"correlation": caused}})
    properties = pika.BasicProperties(
        delivery_mode=2, headers={"h": "v"}, message_id="m", content_type="application/json"
    )
    channel.basic_publish(exchange, "some.key", body.encode(), properties)
    (arrival,) = sinks.wait(Awaited(caused, "amqp", "exchange"), timeout=5)
    assert (arrival.content["exchange"], arrival.content["key"]) == (exchange, "some.key")
    assert arrival.content["body"] == body
    assert arrival.content["json"] == {"jobParams": {"correlation": caused}}
    assert arrival.content["redelivered"] is False
    assert arrival.content["properties"] == {
        "content_type": "application/json",
        "headers": {"h": "v"},
        "delivery_mode": 2,
        "message_id": "m",
    }


def test_a_configured_queue_is_consumed_beside_the_exchange(
    sinks: Sinks, names: tuple[str, str], channel: BlockingChannel, mint: Callable[[], str]
) -> None:
    exchange, queue = names
    first, second = mint(), mint()
    sinks.amqp.bind(exchange, "one.#")
    channel.queue_declare(queue, durable=True)
    channel.queue_bind(queue, exchange, "two")
    sinks.amqp.consume(queue)
    sinks.amqp.consume(queue)
    sinks.amqp.publish(exchange, "one.x", first)
    sinks.amqp.publish(exchange, "two", second)
    awaited = [Awaited(first, "amqp", "exchange"), Awaited(second, "amqp", queue)]
    assert sinks.wait_all(awaited, timeout=5) == ()
    # Judged by the last message on each way: nothing came twice or elsewhere.
    assert [each.source for each in sinks.between(first, second)].count("exchange") == 1
    (arrival,) = sinks.between(second, second)
    assert arrival.content["json"] is None
    assert sinks.amqp.check(queue) == QueueState(messages=0, consumers=1)


def test_a_queue_that_is_routed_to_gets_the_message_as_well(
    sinks: Sinks, names: tuple[str, str], channel: BlockingChannel, mint: Callable[[], str]
) -> None:
    exchange, queue = names
    caused = mint()
    channel.exchange_declare(exchange, "topic", durable=True)
    channel.queue_declare(queue, durable=True)
    sinks.amqp.consume(queue)
    sinks.amqp.route(queue, exchange, "barrier")
    body = json.dumps({"jobParams": {"correlation": caused}})
    channel.basic_publish(exchange, "barrier", body.encode())
    (arrival,) = sinks.wait(Awaited(caused, "amqp", queue), timeout=5)
    assert arrival.content["key"] == "barrier"


def test_a_queue_that_is_missing_cannot_be_routed_to(sinks: Sinks, names: tuple[str, str]) -> None:
    exchange, queue = names
    sinks.amqp.declare_exchange(exchange)
    with pytest.raises(EnvironmentFault, match=f"refused to bind queue '{queue}'.*404"):
        sinks.amqp.route(queue, exchange, "barrier")


def test_a_missing_queue(sinks: Sinks, names: tuple[str, str]) -> None:
    _, queue = names
    assert sinks.amqp.check(queue) is None
    assert sinks.amqp.durable(queue) is None
    with pytest.raises(EnvironmentFault, match=rf"refused to consume queue '{queue}': 404"):
        sinks.amqp.consume(queue)
    assert sinks.health().lost == {}


def test_a_passive_bind_needs_the_exchange(sinks: Sinks, names: tuple[str, str]) -> None:
    exchange, _ = names
    with pytest.raises(EnvironmentFault, match=r"refused to bind .* 404"):
        sinks.amqp.bind(exchange, passive=True)
    sinks.amqp.declare_exchange(exchange)
    sinks.amqp.bind(exchange, passive=True)


@pytest.mark.parametrize("durable", [True, False])
def test_durability(sinks: Sinks, names: tuple[str, str], durable: bool) -> None:
    _, queue = names
    sinks.amqp.declare_queue(queue, durable=durable)
    assert sinks.amqp.durable(queue) is durable
    assert sinks.amqp.check(queue) == QueueState(messages=0, consumers=0)


def test_an_exchange_of_another_type_in_the_way(
    sinks: Sinks, names: tuple[str, str], channel: BlockingChannel
) -> None:
    exchange, _ = names
    sinks.amqp.declare_exchange(exchange, kind="direct", durable=False)
    with pytest.raises(EnvironmentFault, match=r"refused to bind .* 406"):
        sinks.amqp.bind(exchange)
    channel.exchange_declare(exchange, "direct", durable=False)


def test_messages_that_are_waiting_are_counted(sinks: Sinks, names: tuple[str, str]) -> None:
    exchange, queue = names
    sinks.amqp.declare_exchange(exchange)
    sinks.amqp.declare_queue(queue)
    sinks.amqp.publish("", queue, "one")
    assert sinks.amqp.check(queue) == QueueState(messages=1, consumers=0)


def test_only_what_is_ours_is_deleted(sinks: Sinks, names: tuple[str, str]) -> None:
    _, queue = names
    sinks.amqp.declare_queue(queue)
    with pytest.raises(EnvironmentFault, match=f"cannot delete {queue} with the prefix"):
        sinks.amqp.delete("somebody", queues=[queue])
    with pytest.raises(EnvironmentFault, match="cannot delete anything with the prefix"):
        sinks.amqp.delete("", queues=[queue])
    assert sinks.amqp.check(queue) is not None


def test_our_deleting_a_consumed_queue_loses_nothing(
    sinks: Sinks, names: tuple[str, str], token: str
) -> None:
    _, queue = names
    sinks.amqp.declare_queue(queue)
    sinks.amqp.consume(queue)
    sinks.amqp.delete(token, queues=[queue])
    assert sinks.amqp.check(queue) is None
    assert sinks.health().lost == {}


def test_silence_after_a_cancelled_consumer_is_no_absence(
    sinks: Sinks, names: tuple[str, str], channel: BlockingChannel, token: str
) -> None:
    exchange, queue = names
    sinks.amqp.declare_queue(queue)
    sinks.amqp.consume(queue)
    channel.queue_delete(queue)
    with pytest.raises(EnvironmentFault, match=f"cancelled the consumer of queue '{queue}'"):
        sinks.wait(Awaited(token, "amqp"), timeout=10)
    with pytest.raises(EnvironmentFault, match="cancelled"):
        sinks.between(token, token)
    with pytest.raises(EnvironmentFault, match="cancelled"):
        sinks.wait_all([Awaited(token)], timeout=10)
    with pytest.raises(EnvironmentFault, match="cancelled"):
        sinks.amqp.bind(exchange)
    assert list(sinks.health().lost) == ["amqp"]
    assert sinks.between(token, token, channel="email") == ()
    sinks.amqp.connect(URL)
    assert sinks.between(token, token) == ()


def test_silence_after_a_lost_connection_is_no_absence(token: str, tmp_path: Path) -> None:
    broker = pika.URLParameters(URL)
    login = f"{broker.credentials.username}:{broker.credentials.password}"
    children = Children()
    with Proxy(broker.host, broker.port) as proxy:
        try:
            url = f"amqp://{login}@127.0.0.1:{proxy.port}"
            with Sinks(start_sinks(tmp_path, RUN, children, amqp_url=url)) as sinks:
                sinks.amqp.bind(f"{token}.exchange")
                sinks.amqp.delete(token, exchanges=[f"{token}.exchange"])
                cutting = threading.Timer(0.1, proxy.cut)
                cutting.start()
                lost = r"the AMQP connection was lost: .* \(amqp://127\.0\.0\.1:\d+\)"
                with pytest.raises(EnvironmentFault, match=lost):
                    sinks.wait(Awaited(token, "amqp"), timeout=10)
                with pytest.raises(EnvironmentFault, match=lost):
                    sinks.between(token, token)
                with pytest.raises(EnvironmentFault, match=lost):
                    sinks.amqp.check("any")
                assert list(sinks.health().lost) == ["amqp"]
                assert sinks.after(0, channel="url") == ()
                cutting.join()
        finally:
            children.close()
