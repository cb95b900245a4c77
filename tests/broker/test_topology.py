"""Check list: declaring, binding and removing exchanges and queues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scicat_harness.broker.address import BrokerAddress

from .client import Client, refused


def test_a_queue_is_declared_twice_alike(client: Client, name: str) -> None:
    client.queue(name, durable=True)
    client.publish("", name, b"1")
    again = client.channel.queue_declare(name, durable=True).method
    assert (again.queue, again.message_count, again.consumer_count) == (name, 1, 0)


@pytest.mark.parametrize(
    ("first", "second", "code", "text"),
    [
        (
            {"durable": True},
            {"durable": False},
            406,
            "PRECONDITION_FAILED - inequivalent arg 'durable' for queue '{}' in vhost '/': "
            "received 'false' but current is 'true'",
        ),
        (
            {"auto_delete": False},
            {"auto_delete": True},
            406,
            "PRECONDITION_FAILED - inequivalent arg 'auto_delete' for queue '{}' in vhost '/': "
            "received 'true' but current is 'false'",
        ),
        ({}, {"exclusive": True}, 405, "RESOURCE_LOCKED - cannot obtain exclusive access to "),
        ({"exclusive": True}, {}, 405, "RESOURCE_LOCKED - cannot obtain exclusive access to "),
    ],
    ids=["durable", "auto-delete", "exclusive-afterwards", "exclusive-before"],
)
def test_a_queue_of_other_attributes(
    client: Client, name: str, first: dict[str, Any], second: dict[str, Any], code: int, text: str
) -> None:
    client.queue(name, **first)
    with refused() as refusal:
        client.queue(name, **second)
    assert refusal.code == code
    assert refusal.text.startswith(text.format(name))


@pytest.mark.parametrize(
    ("kind", "more", "text"),
    [
        ("direct", {"durable": True}, "'type' for exchange '{}' in vhost '/': received 'direct' "),
        ("topic", {"durable": False}, "'durable' for exchange '{}' in vhost '/': received 'false'"),
        ("topic", {"durable": True, "auto_delete": True}, "'auto_delete' for exchange '{}' in "),
        ("topic", {"durable": True, "internal": True}, "'internal' for exchange '{}' in vhost "),
    ],
    ids=["type", "durable", "auto-delete", "internal"],
)
def test_an_exchange_of_other_attributes(
    client: Client, name: str, kind: str, more: dict[str, Any], text: str
) -> None:
    client.exchange(name, "topic", durable=True)
    client.exchange(name, "topic", durable=True)
    with refused() as refusal:
        client.exchange(name, kind, **more)
    assert refusal.code == 406
    assert refusal.text.startswith(f"PRECONDITION_FAILED - inequivalent arg {text.format(name)}")


@pytest.mark.parametrize("kind", ["direct", "fanout", "topic"])
def test_predeclared_exchanges(client: Client, kind: str) -> None:
    client.channel.exchange_declare(f"amq.{kind}", kind, durable=True)
    client.channel.exchange_declare(f"amq.{kind}", passive=True)


def test_the_default_exchange_takes_no_orders(client: Client, name: str) -> None:
    client.queue(name)
    orders: list[Callable[[Any], object]] = [
        lambda channel: channel.exchange_declare("", "topic", durable=True),
        lambda channel: channel.exchange_declare("", passive=True),
        lambda channel: channel.exchange_delete(""),
        lambda channel: channel.queue_bind(name, "", "key"),
        lambda channel: channel.queue_unbind(name, "", "key"),
    ]
    for order in orders:
        with refused() as refusal:
            order(client.channel)
        assert refusal.code == 403
        assert refusal.text == ("ACCESS_REFUSED - operation not permitted on the default exchange")
        client.fresh()


def test_reserved_names(client: Client) -> None:
    with refused() as refusal:
        client.channel.queue_declare("amq.mine")
    assert (refusal.code, refusal.text) == (
        403,
        "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
    )
    client.fresh()
    with refused() as refusal:
        client.channel.exchange_declare("amq.mine", "topic")
    assert (refusal.code, refusal.text) == (
        403,
        "ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'",
    )
    client.fresh()
    with refused() as refusal:
        client.channel.exchange_delete("amq.topic")
    assert refusal.code == 403
    assert "amq.topic" in refusal.text


def test_an_unknown_type_of_exchange(client: Client, name: str) -> None:
    with refused() as refusal:
        client.exchange(name, "nonsense")
    assert refusal.code == 503
    assert refusal.text.startswith("COMMAND_INVALID - unknown exchange type 'nonsense'")


@pytest.mark.parametrize(
    ("action", "missing"),
    [
        (lambda channel, name: channel.queue_declare(name, passive=True), "queue"),
        (lambda channel, name: channel.exchange_declare(name, passive=True), "exchange"),
        (lambda channel, name: channel.queue_bind(name, "amq.topic", "key"), "queue"),
        (lambda channel, name: channel.queue_purge(name), "queue"),
        (lambda channel, name: channel.basic_get(name), "queue"),
        (lambda channel, name: channel.basic_consume(name, print), "queue"),
    ],
    ids=["queue", "exchange", "bind", "purge", "get", "consume"],
)
def test_what_is_not_there(client: Client, name: str, action: Any, missing: str) -> None:
    with refused() as refusal:
        action(client.channel, name)
    assert refusal.code == 404
    assert refusal.text == f"NOT_FOUND - no {missing} '{name}' in vhost '/'"


def test_binding_to_a_missing_exchange(client: Client, name: str) -> None:
    client.queue(name)
    with refused() as refusal:
        client.channel.queue_bind(name, f"{name}-x", "key")
    assert refusal.code == 404
    assert refusal.text == f"NOT_FOUND - no exchange '{name}-x' in vhost '/'"


def test_removing_what_is_not_there_is_no_mistake(client: Client, name: str) -> None:
    client.channel.queue_delete(name)
    client.channel.exchange_delete(name)
    client.queue(name)
    client.channel.queue_unbind(name, "amq.topic", "never-bound")
    client.channel.queue_unbind(name, f"{name}-missing", "key")
    client.channel.queue_unbind(f"{name}-missing", "amq.topic", "key")
    client.channel.queue_unbind(f"{name}-missing", f"{name}-missing", "key")


def test_a_queue_named_by_the_server(client: Client) -> None:
    first, second = client.queue("", exclusive=True), client.queue("", exclusive=True)
    assert first.startswith("amq.gen-")
    assert first != second
    client.channel.queue_bind("", "amq.direct", "last-declared")
    client.publish("amq.direct", "last-declared", b"1")
    assert (client.take(first), client.take(second)) == (None, b"1")


def test_names_that_are_never_rendered(client: Client, name: str) -> None:
    queue = client.queue(f"{name}.{{{{job.type}}}} ü/é!")
    exchange = client.exchange(f"{name}<{{{{job.id}}}}>")
    client.channel.queue_bind(queue, exchange, "{{key}}")
    client.publish(exchange, "{{key}}", b"1")
    method, _, body = client.channel.basic_get(queue, auto_ack=True)
    assert (method.exchange, method.routing_key, body) == (exchange, "{{key}}", b"1")


def test_purge_and_delete_say_how_many(client: Client, name: str) -> None:
    client.queue(name)
    for _ in range(3):
        client.publish("", name, b"1")
    assert client.channel.queue_purge(name).method.message_count == 3
    client.publish("", name, b"1")
    assert client.channel.queue_delete(name).method.message_count == 1


def test_conditions_of_delete(client: Client, name: str) -> None:
    client.queue(name)
    client.publish("", name, b"1")
    with refused() as refusal:
        client.channel.queue_delete(name, if_empty=True)
    assert (refusal.code, refusal.text) == (
        406,
        f"PRECONDITION_FAILED - queue '{name}' in vhost '/' not empty",
    )
    client.fresh()
    client.channel.basic_consume(name, lambda *_: None)
    with refused() as refusal:
        client.channel.queue_delete(name, if_unused=True)
    assert (refusal.code, refusal.text) == (
        406,
        f"PRECONDITION_FAILED - queue '{name}' in vhost '/' in use",
    )
    client.fresh()
    client.exchange(f"{name}-x")
    client.channel.queue_bind(name, f"{name}-x", "key")
    with refused() as refusal:
        client.channel.exchange_delete(f"{name}-x", if_unused=True)
    assert (refusal.code, refusal.text) == (
        406,
        f"PRECONDITION_FAILED - exchange '{name}-x' in vhost '/' in use",
    )


def test_an_exclusive_queue_is_of_one_connection(client: Client, other: Client, name: str) -> None:
    client.queue(name, exclusive=True)
    for use in ("queue_purge", "queue_delete", "basic_get"):
        with refused() as refusal:
            getattr(other.channel, use)(name)
        assert refusal.code == 405
        other.fresh()
    client.connection.close()
    with refused() as refusal:
        other.channel.queue_declare(name, passive=True)
    assert refusal.code == 404


def test_an_auto_delete_queue_goes_with_its_last_consumer(client: Client, name: str) -> None:
    client.queue(name, auto_delete=True)
    first = client.channel.basic_consume(name, lambda *_: None)
    second = client.channel.basic_consume(name, lambda *_: None)
    client.channel.basic_cancel(first)
    assert client.count(name) == 0
    client.channel.basic_cancel(second)
    with refused() as refusal:
        client.count(name)
    assert refusal.code == 404


def test_an_auto_delete_exchange_goes_with_its_last_binding(client: Client, name: str) -> None:
    client.exchange(name, auto_delete=True)
    client.bound(name, f"{name}-q", "a", "b")
    client.channel.queue_unbind(f"{name}-q", name, "a")
    client.channel.exchange_declare(name, passive=True)
    client.channel.queue_delete(f"{name}-q")
    with refused() as refusal:
        client.channel.exchange_declare(name, passive=True)
    assert refusal.code == 404


def test_what_is_durable_outlives_its_connection(
    client: Client, broker: BrokerAddress, name: str
) -> None:
    client.exchange(f"{name}-x", durable=True)
    client.queue(name, durable=True)
    client.channel.queue_bind(name, f"{name}-x", "key")
    client.connection.close()
    with Client(broker) as later:
        later.publish(f"{name}-x", "key", b"1", delivery_mode=2)
        assert later.take(name) == b"1"
