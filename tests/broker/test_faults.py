"""Failures on purpose: connections closed by the broker, and a proxy that fails."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pika
import pytest
from pika.exceptions import (
    AMQPConnectionError,
    AMQPError,
    ConnectionClosedByBroker,
    StreamLostError,
)

from scicat_harness.broker.broker import Broker, ConnectionCloser, Proxied
from scicat_harness.broker.control import BrokerControl
from scicat_harness.broker.embedded_broker import EmbeddedBroker
from scicat_harness.broker.given import GivenBroker
from scicat_harness.broker.rabbitmq import PrivateNode
from scicat_harness.errors import EnvironmentFault
from scicat_harness.processes.children import Children
from scicat_harness.processes.sockets import free_port

from .client import connect

Closable = EmbeddedBroker | PrivateNode


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.needs_rabbitmq)])
def closable(request: pytest.FixtureRequest) -> Closable:
    """A broker of our own."""
    found: Closable = request.getfixturevalue(f"own_{request.param}")
    return found


@contextlib.contextmanager
def connected(
    broker: Broker, name: str, port: int | None = None
) -> Iterator[pika.BlockingConnection]:
    """A named connection, through a proxy if a port is given; closed if it still can be."""
    address = broker.address if port is None else broker.address.at(port)
    found = connect(address, client_properties={"connection_name": name})
    try:
        yield found
    finally:
        with contextlib.suppress(AMQPError):
            found.close()


def test_abilities(closable: Closable, tmp_path: Path, children: Children) -> None:
    assert isinstance(closable, ConnectionCloser)
    assert isinstance(closable, Proxied)
    given = GivenBroker(closable.address.url, tmp_path, children)
    assert isinstance(given, Proxied)
    assert not isinstance(given, ConnectionCloser)


def test_closed_by_name(closable: Closable) -> None:
    with connected(closable, "one") as one, connected(closable, "two") as two:
        assert {each.name for each in closable.connections()} >= {"one", "two"}
        assert closable.close_connections(name="one") == 1
        with pytest.raises(ConnectionClosedByBroker) as raised:
            one.process_data_events(5)
        assert raised.value.reply_code == 320
        assert raised.value.reply_text.startswith("CONNECTION_FORCED - ")
        assert two.channel().is_open
        assert "one" not in {each.name for each in closable.connections()}


def test_closed_by_the_proxy_it_came_through(closable: Closable) -> None:
    proxy = closable.open_proxy()
    with connected(closable, "same", proxy.port) as through, connected(closable, "same") as past:
        assert len(proxy.target_ports()) == 1
        assert closable.close_connections(ports=proxy.target_ports()) == 1
        with pytest.raises(ConnectionClosedByBroker):
            through.process_data_events(5)
        assert past.channel().is_open
    assert closable.close_connections(name="nobody") == 0


def test_closed_without_a_word(embedded: EmbeddedBroker) -> None:
    with connected(embedded, "one") as one, connected(embedded, "two") as two:
        assert embedded.control.close_connections(name="one", graceful=False) == 1
        with pytest.raises(StreamLostError, match="ConnectionResetError"):
            one.process_data_events(5)
        assert two.channel().is_open


def test_a_cut(closable: Closable) -> None:
    proxy = closable.open_proxy()
    with connected(closable, "cut", proxy.port) as before:
        assert before.channel().is_open
        assert proxy.cut() == 1
        with pytest.raises(StreamLostError, match="ConnectionResetError"):
            before.process_data_events(5)
    with connected(closable, "cut", proxy.port) as after:
        assert after.channel().is_open


def test_refused(closable: Closable) -> None:
    proxy = closable.open_proxy()
    with connected(closable, "stands", proxy.port) as standing:
        proxy.refuse()
        with pytest.raises(AMQPConnectionError), connected(closable, "new", proxy.port):
            pass
        assert standing.channel().is_open
    proxy.recover()
    with connected(closable, "new", proxy.port) as again:
        assert again.channel().is_open


def test_a_black_hole(closable: Closable) -> None:
    proxy = closable.open_proxy()
    address = closable.address.at(proxy.port)
    with (
        connected(closable, "past") as past,
        connected(closable, "through", proxy.port) as through,
    ):
        channel, observer = through.channel(), past.channel()
        queue = channel.queue_declare("", auto_delete=True).method.queue
        proxy.blackhole()
        channel.basic_publish("", queue, b"held")
        through.process_data_events(0.5)
        assert observer.basic_get(queue) == (None, None, None)
        with pytest.raises(Exception, match=r"(?i)timeout"):
            connect(address, stack_timeout=0.3, socket_timeout=0.3)
        proxy.recover()
        _, _, body = next(channel.consume(queue, auto_ack=True, inactivity_timeout=5))
        assert body == b"held"


def test_large_messages_go_through(closable: Closable) -> None:
    proxy = closable.open_proxy()
    body = bytes(1_000_000)
    with connected(closable, "large", proxy.port) as connection:
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.basic_publish("", queue, body)
        _, _, found = next(channel.consume(queue, auto_ack=True, inactivity_timeout=5))
    assert found == body


def test_a_child_that_cannot_answer(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="does not answer"):
        BrokerControl(free_port()).connections()
    given = GivenBroker(embedded.address.url, tmp_path / "given", Children())
    control = given.open_proxy().control
    with pytest.raises(EnvironmentFault, match=r"cannot connections: LookupError: .*proxies only"):
        control.connections()
    given.close()
    with pytest.raises(EnvironmentFault, match="does not answer"):
        control.connections()
