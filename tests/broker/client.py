"""A pika connection with what the checks ask again and again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import pika
import pytest
from pika.exceptions import AMQPError, ChannelClosedByBroker, ConnectionClosedByBroker

from scicat_harness.broker.address import BrokerAddress

__all__ = ["Client", "Refusal", "connect", "refused"]

SECONDS = 10.0


@dataclass(slots=True)
class Refusal:
    """How a broker closed a channel or a connection."""

    code: int = 0
    text: str = ""


def connect(address: BrokerAddress, **more: Any) -> pika.BlockingConnection:
    """A connection that gives up rather than hangs."""
    given: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "credentials": pika.PlainCredentials(address.user, address.password),
        "connection_attempts": 1,
        "socket_timeout": SECONDS,
        "stack_timeout": SECONDS,
        "blocked_connection_timeout": SECONDS,
    }
    return pika.BlockingConnection(pika.ConnectionParameters(**{**given, **more}))


@contextlib.contextmanager
def refused() -> Iterator[Refusal]:
    """Demands that the broker closes the channel or the connection, and keeps how."""
    found = Refusal()
    with pytest.raises((ChannelClosedByBroker, ConnectionClosedByBroker)) as raised:
        yield found
    found.code, found.text = raised.value.reply_code, raised.value.reply_text


class Client:
    """A connection with one channel; queues and exchanges declared here are removed at the end."""

    def __init__(self, address: BrokerAddress) -> None:
        self.address = address
        self.connection = connect(address)
        self.fresh()
        self._undo: list[Callable[[Any], object]] = []

    def queue(self, name: str, **more: Any) -> str:
        """Declare a queue; its name."""
        self._undo.append(lambda channel: channel.queue_delete(name))
        found: str = self.channel.queue_declare(name, **more).method.queue
        return found

    def exchange(self, name: str, kind: str = "topic", **more: Any) -> str:
        """Declare an exchange; its name."""
        self._undo.append(lambda channel: channel.exchange_delete(name))
        self.channel.exchange_declare(name, kind, **more)
        return name

    def bound(self, exchange: str, queue: str, *keys: str) -> str:
        """Declare a queue and bind it; its name."""
        self.queue(queue)
        for key in keys:
            self.channel.queue_bind(queue, exchange, key)
        return queue

    def publish(self, exchange: str, key: str, body: bytes, **properties: Any) -> None:
        """Publish a message."""
        self.channel.basic_publish(exchange, key, body, pika.BasicProperties(**properties))

    def take(self, queue: str) -> bytes | None:
        """The next message of a queue, or None."""
        _, _, body = self.channel.basic_get(queue, auto_ack=True)
        found: bytes | None = body
        return found

    def take_all(self, queue: str) -> list[bytes]:
        """All there is in a queue."""
        return list(iter(lambda: self.take(queue), None))

    def count(self, queue: str) -> int:
        """How many messages wait in a queue."""
        found: int = self.channel.queue_declare(queue, passive=True).method.message_count
        return found

    def fresh(self) -> None:
        """Another channel, after the broker closed this one.

        With confirms: a message counts once it is confirmed, not before.
        """
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()

    def consume(self, queue: str, count: int, **more: Any) -> list[tuple[int, bytes, bool]]:
        """Deliveries of a new consumer: tag, body, redelivered; at most ``count``."""
        found: list[tuple[int, bytes, bool]] = []

        def receive(_channel: Any, method: Any, _properties: Any, body: bytes) -> None:
            found.append((method.delivery_tag, body, method.redelivered))

        self.channel.basic_consume(queue, receive, **more)
        for _ in range(100):
            if len(found) >= count:
                break
            self.connection.process_data_events(SECONDS / 100)
        return found

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(AMQPError):
            self.connection.close()
        with contextlib.closing(connect(self.address)) as cleaner:
            for undo in reversed(self._undo):
                with contextlib.suppress(AMQPError):
                    undo(cleaner.channel())
