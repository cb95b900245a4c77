"""What the embedded broker does not have: said in one line and in its log, never left hanging."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pamqp import commands

from scicat_harness.broker.embedded.wire import (
    HEARTBEAT_FRAME,
    FrameReader,
    Message,
    content_frames,
    method_frame,
)
from scicat_harness.broker.embedded_broker import EmbeddedBroker

from .client import SECONDS, Client, refused

TTL = {"x-message-ttl": 1000}
QUORUM = {"x-queue-type": "quorum"}
MISSING: list[tuple[str, Callable[[Any], object]]] = [
    ("Tx.Select", lambda channel: channel.tx_select()),
    ("Exchange.Bind", lambda channel: channel.exchange_bind("amq.topic", "amq.direct", "key")),
    ("exchanges of type headers", lambda channel: channel.exchange_declare("x", "headers")),
    ("argument x-message-ttl", lambda channel: channel.queue_declare("q", arguments=TTL)),
    ("argument x-queue-type", lambda channel: channel.queue_declare("q", arguments=QUORUM)),
    ("consumers with arguments", lambda channel: consume(channel, {"x-priority": 1})),
    ("messages with an expiration", lambda channel: publish(channel, expiration="1000")),
    ("messages with CC or BCC headers", lambda channel: publish(channel, headers={"CC": ["q"]})),
    ("requeue=false", lambda channel: channel.basic_recover(requeue=False)),
]


def consume(channel: Any, arguments: dict[str, int]) -> None:
    """Consume with arguments."""
    channel.queue_declare("q")
    channel.basic_consume("q", lambda *_: None, arguments=arguments)


def publish(channel: Any, **properties: Any) -> None:
    """Publish with properties, and wait until it was taken."""
    import pika

    channel.basic_publish("amq.topic", "key", b"1", pika.BasicProperties(**properties))
    channel.queue_declare("")


@pytest.mark.parametrize(("what", "order"), MISSING, ids=[what for what, _ in MISSING])
def test_it_is_said(
    embedded: EmbeddedBroker, tmp_path: Path, what: str, order: Callable[[Any], object]
) -> None:
    with Client(embedded.address) as client, refused() as refusal:
        order(client.connection.channel())
    assert refusal.code == 540
    assert refusal.text.startswith(f"NOT_IMPLEMENTED - {what}")
    assert f"closed: 540 NOT_IMPLEMENTED - {what}" in (
        (tmp_path / "embedded-broker.log").read_text(encoding="utf-8")
    )


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (struct.pack(">BHI", 1, 0, 4) + b"\x00\x63\x00\x01\xce", 502),
        (struct.pack(">BHI", 1, 0, 4) + b"\x00\x0a\x00\x28\xcf", 501),
        (struct.pack(">BHI", 1, 0, 2**31), 501),
        (struct.pack(">BHI", 3, 0, 1) + b"x\xce", 505),
        (struct.pack(">BHI", 3, 1, 1) + b"x\xce", 505),
        (struct.pack(">BHI", 1, 0, 4) + b"\x00\x0a\x00\x28\xce", 502),
    ],
    ids=["unknown-method", "no-end-mark", "too-large", "content", "too-early", "cut-short"],
)
def test_nonsense_ends_the_connection(embedded: EmbeddedBroker, sent: bytes, code: int) -> None:
    port = embedded.address.port
    with socket.create_connection(("127.0.0.1", port), SECONDS) as stranger:
        stranger.sendall(b"AMQP\x00\x00\x09\x01" + sent)
        said = b""
        while b"\x00\x0a\x00\x32" not in said:
            piece = stranger.recv(4096)
            assert piece
            said += piece
    at = said.index(b"\x00\x0a\x00\x32") + 4
    assert struct.unpack(">H", said[at : at + 2]) == (code,)
    with contextlib.closing(Client(embedded.address).connection) as still:
        assert still.is_open


def _heard(mute: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(ConnectionResetError):
        yield from iter(lambda: mute.recv(4096), b"")
        pytest.fail("closed in order")


def test_heartbeats(embedded: EmbeddedBroker) -> None:
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", embedded.address.port), SECONDS) as mute:
        for said in (
            b"AMQP\x00\x00\x09\x01",
            method_frame(0, commands.Connection.StartOk(response="\0guest\0guest")),
            method_frame(0, commands.Connection.TuneOk(0, 0, 1)),
            method_frame(0, commands.Connection.Open()),
        ):
            mute.sendall(said)
        heard = b"".join(_heard(mute))
    assert 2 < time.monotonic() - started < 5
    assert heard.count(HEARTBEAT_FRAME) >= 3


def test_no_frame_is_larger_than_agreed() -> None:
    header = struct.pack(">HHQH", 60, 0, 10_000, 0)
    sent = content_frames(1, Message("", "", header, b"x" * 10_000), 4096)
    frames = list(FrameReader(4096).feed(sent))
    assert b"".join(each.payload for each in frames[1:]) == b"x" * 10_000
    assert max(len(each.raw) for each in frames) == 4096
