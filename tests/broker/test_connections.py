"""Check list: connections, channels, and who is let in."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import replace

import pika
import pytest
from pika.exceptions import (
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from scicat_harness.broker.address import BrokerAddress

from .client import SECONDS, Client, connect, refused


@pytest.mark.parametrize(("user", "password"), [(None, "wrong"), ("nobody", None)])
def test_nobody_else_is_let_in(
    broker: BrokerAddress, user: str | None, password: str | None
) -> None:
    wrong = replace(broker, user=user or broker.user, password=password or broker.password)
    with pytest.raises(ProbableAuthenticationError) as raised:
        connect(wrong)
    assert "(403) 'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN" in (
        str(raised.value)
    )


def test_another_virtual_host(broker: BrokerAddress) -> None:
    with pytest.raises(ProbableAccessDeniedError) as raised:
        connect(broker, virtual_host="other")
    assert "(530) 'NOT_ALLOWED - vhost other not found'" in str(raised.value)


def test_a_stranger_is_told_the_protocol(broker: BrokerAddress) -> None:
    with socket.create_connection((broker.host, broker.port), SECONDS) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert stranger.recv(64) == b"AMQP\x00\x00\x09\x01"
        with contextlib.suppress(ConnectionResetError):
            assert stranger.recv(64) == b""


def test_channels_are_apart(client: Client, name: str) -> None:
    second = client.connection.channel()
    with refused():
        client.count(name)
    second.queue_declare(name, exclusive=True)
    client.fresh()
    assert client.count(name) == 0
    assert client.channel.channel_number != second.channel_number


def test_many_channels(client: Client, name: str) -> None:
    client.queue(name)
    channels = [client.connection.channel() for _ in range(50)]
    for channel in channels:
        channel.basic_publish("", name, b"1")
    for channel in channels:
        channel.close()
    assert client.count(name) == 50


def test_small_frames(broker: BrokerAddress, name: str) -> None:
    with contextlib.closing(connect(broker, frame_max=4096)) as connection:
        channel = connection.channel()
        channel.queue_declare(name, exclusive=True)
        body = b"x" * 20_000
        channel.basic_publish("", name, body, pika.BasicProperties(app_id="a"))
        _, properties, found = channel.basic_get(name, auto_ack=True)
        assert (properties.app_id, found) == ("a", body)


def test_heartbeats_keep_a_connection(broker: BrokerAddress) -> None:
    with contextlib.closing(connect(broker, heartbeat=1)) as connection:
        connection.process_data_events(3.2)
        assert connection.channel().is_open


def test_what_no_client_may_do(client: Client, name: str) -> None:
    client.queue(name)
    client.channel.basic_consume(name, lambda *_: None, consumer_tag="same")
    # pika forbids it itself; the broker must as well.
    client.channel._impl._consumers.clear()
    client.channel._consumer_infos.clear()
    with refused() as refusal:
        client.channel.basic_consume(name, lambda *_: None, consumer_tag="same")
    assert refusal.code == 530
    assert refusal.text.startswith("NOT_ALLOWED - attempt to reuse consumer tag 'same'")


def test_a_size_of_prefetch_is_not_implemented(client: Client) -> None:
    with refused() as refusal:
        client.channel.basic_qos(prefetch_size=1)
    assert refusal.code == 540
    assert refusal.text.startswith("NOT_IMPLEMENTED - prefetch_size!=0 (1)")
