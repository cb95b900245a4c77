"""Check list: messages on their way in and out."""

from __future__ import annotations

import datetime
from typing import Any

import pika
import pytest
from pika.exceptions import UnroutableError

from .client import Client, refused

HEADERS = {
    "text": "ü",
    "empty": "",
    "yes": True,
    "number": 42,
    "negative": -7,
    "large": 2**40,
    "nothing": None,
    "bytes": b"\xff\x00",
    "list": ["a", 1, {"b": "c"}],
    "table": {"inner": {"deep": "x"}},
    "when": datetime.datetime(2024, 2, 29, 12, 0, tzinfo=datetime.UTC),
}


def test_properties_come_out_as_they_went_in(client: Client, name: str) -> None:
    client.queue(name)
    sent: dict[str, Any] = {
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "headers": HEADERS,
        "delivery_mode": 2,
        "priority": 3,
        "correlation_id": "c",
        "reply_to": "r",
        "message_id": "",
        "timestamp": 1_700_000_000,
        "type": "t",
        "user_id": client.address.user,
        "app_id": "a",
    }
    client.publish("", name, b"{}", **sent)
    client.publish("", name, b"{}")
    method, properties, _ = client.channel.basic_get(name, auto_ack=True)
    assert {key: getattr(properties, key) for key in sent} == sent
    assert (method.exchange, method.routing_key, method.message_count) == ("", name, 1)
    _, bare, _ = client.channel.basic_get(name, auto_ack=True)
    assert [key for key in sent if getattr(bare, key) is not None] == []


@pytest.mark.parametrize("size", [0, 1, 131_064, 131_065, 1_000_000])
def test_bodies_of_every_size(client: Client, name: str, size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    client.queue(name)
    client.publish("", name, body[:size])
    assert client.take(name) == body[:size]
    client.publish("", name, body[:size])
    assert client.consume(name, 1, auto_ack=True) == [(2, body[:size], False)]


def test_order(client: Client, name: str) -> None:
    client.exchange(name)
    client.bound(name, f"{name}-q", "a", "b")
    bodies = [b"%d" % number for number in range(300)]
    for number, body in enumerate(bodies):
        client.publish(name, "ab"[number % 2], body)
    assert [body for _, body, _ in client.consume(f"{name}-q", 300, auto_ack=True)] == bodies


def test_get_of_an_empty_queue(client: Client, name: str) -> None:
    client.queue(name)
    assert client.channel.basic_get(name) == (None, None, None)


def test_an_unanswered_message_comes_back_in_its_place(client: Client, name: str) -> None:
    client.queue(name)
    for body in (b"1", b"2", b"3"):
        client.publish("", name, body)
    client.channel.basic_get(name)
    method, _, _ = client.channel.basic_get(name)
    client.channel.basic_ack(method.delivery_tag)
    assert client.count(name) == 1
    client.channel.close()
    client.fresh()
    found = [client.channel.basic_get(name, auto_ack=True) for _ in range(2)]
    assert [(body, method.redelivered) for method, _, body in found] == [
        (b"1", True),
        (b"3", False),
    ]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (lambda channel: channel.basic_ack(2, multiple=True), [b"3"]),
        (lambda channel: channel.basic_ack(0, multiple=True), []),
        (lambda channel: channel.basic_nack(2, multiple=True), [b"1", b"2", b"3"]),
        (lambda channel: channel.basic_nack(2, multiple=True, requeue=False), [b"3"]),
        (lambda channel: channel.basic_reject(2), [b"1", b"2", b"3"]),
        (lambda channel: channel.basic_reject(2, requeue=False), [b"1", b"3"]),
        (lambda channel: channel.basic_recover(requeue=True), [b"1", b"2", b"3"]),
    ],
    ids=["ack-some", "ack-all", "nack", "nack-drop", "reject", "reject-drop", "recover"],
)
def test_answers(client: Client, name: str, answer: Any, left: list[bytes]) -> None:
    client.queue(name)
    for body in (b"1", b"2", b"3"):
        client.publish("", name, body)
        client.channel.basic_get(name)
    answer(client.channel)
    client.channel.close()
    client.fresh()
    assert client.take_all(name) == left


@pytest.mark.parametrize(
    "answer",
    [
        lambda channel: channel.basic_ack(7),
        lambda channel: channel.basic_ack(7, multiple=True),
        lambda channel: channel.basic_nack(7),
        lambda channel: channel.basic_reject(7),
    ],
    ids=["ack", "ack-multiple", "nack", "reject"],
)
def test_an_unknown_delivery_tag(client: Client, name: str, answer: Any) -> None:
    client.queue(name)
    with refused() as refusal:
        answer(client.channel)
        client.count(name)
    assert (refusal.code, refusal.text) == (406, "PRECONDITION_FAILED - unknown delivery tag 7")


def test_a_confirmed_publish(client: Client, name: str) -> None:
    client.queue(name)
    for body in (b"1", b"2"):
        client.publish("", name, body)
    assert client.count(name) == 2
    client.publish("", f"{name}-missing", b"3")
    with refused() as refusal:
        client.publish(f"{name}-missing", "key", b"4")
    assert refusal.code == 404


def test_a_mandatory_message_without_a_route_is_returned(client: Client, name: str) -> None:
    client.exchange(name)
    with pytest.raises(UnroutableError) as raised:
        client.channel.basic_publish(
            name, "key", b"body", pika.BasicProperties(app_id="a"), mandatory=True
        )
    (returned,) = raised.value.messages
    assert (returned.method.reply_code, returned.method.reply_text) == (312, "NO_ROUTE")
    assert (returned.method.exchange, returned.method.routing_key) == (name, "key")
    assert (returned.properties.app_id, returned.body) == ("a", b"body")


def test_two_consumers_take_turns(client: Client, other: Client, name: str) -> None:
    client.queue(name)
    assert client.consume(name, 0, auto_ack=True) == []
    first: list[bytes] = []
    second: list[bytes] = []
    client.channel.basic_cancel(client.channel.consumer_tags[0])
    client.channel.basic_consume(name, lambda *all: first.append(all[3]), auto_ack=True)
    other.channel.basic_consume(name, lambda *all: second.append(all[3]), auto_ack=True)
    for number in range(10):
        client.publish("", name, b"%d" % number)
    for _ in range(100):
        if len(first) + len(second) == 10:
            break
        client.connection.process_data_events(0.05)
        other.connection.process_data_events(0.05)
    assert sorted(first + second) == [b"%d" % number for number in range(10)]
    assert len(first) == len(second) == 5


def test_prefetch(client: Client, name: str) -> None:
    client.queue(name)
    for number in range(5):
        client.publish("", name, b"%d" % number)
    client.channel.basic_qos(prefetch_count=2)
    found: list[int] = []
    client.channel.basic_consume(name, lambda *all: found.append(all[1].delivery_tag))
    client.connection.process_data_events(0.5)
    assert found == [1, 2]
    assert client.count(name) == 3
    client.channel.basic_ack(1)
    client.connection.process_data_events(0.5)
    assert found == [1, 2, 3]
    client.channel.basic_ack(3, multiple=True)
    client.connection.process_data_events(0.5)
    assert found == [1, 2, 3, 4, 5]


def test_prefetch_of_a_whole_channel(client: Client, name: str) -> None:
    for queue in (f"{name}-1", f"{name}-2"):
        client.queue(queue)
        for _ in range(2):
            client.publish("", queue, b"1")
    client.channel.basic_qos(prefetch_count=3, global_qos=True)
    found: list[int] = []
    for queue in (f"{name}-1", f"{name}-2"):
        client.channel.basic_consume(queue, lambda *all: found.append(all[1].delivery_tag))
    client.connection.process_data_events(0.5)
    assert found == [1, 2, 3]
    client.channel.basic_ack(1)
    client.connection.process_data_events(0.5)
    assert found == [1, 2, 3, 4]


def test_a_cancelled_consumer_gets_nothing_more(client: Client, name: str) -> None:
    client.queue(name)
    tag = client.channel.basic_consume(name, lambda *_: None, consumer_tag="mine")
    assert tag == "mine"
    client.channel.basic_cancel("mine")
    client.publish("", name, b"1")
    assert client.take(name) == b"1"


def test_a_consumer_hears_that_its_queue_is_gone(client: Client, other: Client, name: str) -> None:
    client.queue(name)
    client.channel.basic_consume(name, lambda *_: None)
    other.channel.queue_delete(name)
    for _ in range(100):
        if not client.channel.consumer_tags:
            break
        client.connection.process_data_events(0.05)
    assert client.channel.consumer_tags == []


def test_an_exclusive_consumer_is_alone(client: Client, other: Client, name: str) -> None:
    client.queue(name)
    client.channel.basic_consume(name, lambda *_: None, exclusive=True)
    with refused() as refusal:
        other.channel.basic_consume(name, lambda *_: None)
    assert (refusal.code, refusal.text) == (
        403,
        f"ACCESS_REFUSED - queue '{name}' in vhost '/' in exclusive use",
    )


def test_nobody_sends_as_somebody_else(client: Client, name: str) -> None:
    client.queue(name)
    with refused() as refusal:
        client.publish("", name, b"1", user_id="somebody")
        client.count(name)
    assert refusal.code == 406
    assert refusal.text.startswith("PRECONDITION_FAILED - user_id property set to 'somebody' ")
