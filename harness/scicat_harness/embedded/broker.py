"""RabbitMQ: one connection and one channel, opened at the start and never again.

See specification: action.rabbitmq, start.errors. pika belongs to one thread; everybody else hands
it deliveries. Losing the channel, or the connection without a farewell, is fatal for the whole
process; a connection that the broker closes in order is only gone.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.services import BrokerSettings

__all__ = ["BrokerClient", "BrokerGone", "Publication", "RabbitMQ"]

_CONNECT_SECONDS = 10.0
_CLOSE_SECONDS = 5.0
PERSISTENT = 2


class BrokerGone(Exception):
    """The connection was closed; no message will ever go out again."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One message with all that is declared for it."""

    queue: str
    exchange: str
    binding_key: str
    routing_key: str
    body: bytes
    queue_durable: bool = True
    delivery_mode: int = PERSISTENT


class BrokerClient(Protocol):
    """Publishes messages."""

    async def publish(self, delivery: Publication) -> None:
        """Declare, bind and publish; raises BrokerGone."""

    def close(self) -> None:
        """End the connection."""


Order = tuple[Publication, Future[None]]


class RabbitMQ:
    """A broker behind pika."""

    def __init__(self, address: BrokerSettings, on_loss: Callable[[str], None]) -> None:
        """Connect; raises BootFailure. ``on_loss`` gets the text of what is fatal."""
        self._address = address
        self._on_loss = on_loss
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._opened: Future[Any] = Future()
        self._gone = False
        self._closed = False
        self._connection: Any = None
        self._thread = threading.Thread(target=self._run, name="embedded-amqp", daemon=True)
        self._thread.start()
        try:
            self._connection = self._opened.result()
        except Exception as error:
            self._thread.join(_CLOSE_SECONDS)
            cause = _reason(error)
            raise BootFailure(f"Error: Cannot connect to RabbitMQ [cause]: {cause}") from None

    async def publish(self, delivery: Publication) -> None:
        """Declare, bind and publish; raises BrokerGone."""
        if self._gone:
            raise BrokerGone
        done: Future[None] = Future()
        self._orders.put((delivery, done))
        self._wake()
        await asyncio.wrap_future(done)

    def close(self) -> None:
        """End the connection and the thread; idempotent."""
        if self._closed:
            return
        self._closed = True
        self._orders.put(None)
        self._wake()
        self._thread.join(_CLOSE_SECONDS)

    def _wake(self) -> None:
        try:
            self._connection.add_callback_threadsafe(_nothing)
        except Exception:
            # The connection is closed; its thread refuses what is left by itself.
            self._gone = True

    def _run(self) -> None:
        # Imported late: most configurations need no broker.
        import pika
        from pika.exceptions import AMQPChannelError, ConnectionClosed, ConnectionClosedByBroker

        try:
            connection = pika.BlockingConnection(_parameters(pika, self._address))
            channel = connection.channel()
        except Exception as error:
            self._opened.set_exception(error)
            return
        self._opened.set_result(connection)
        try:
            self._serve(connection, channel)
        except ConnectionClosedByBroker:
            self._refuse_rest()
        except AMQPChannelError as error:
            self._lose(_channel_closed(error))
        except ConnectionClosed as error:
            self._lose(f"Error: {error}")
        except Exception as error:
            self._lose(f"Error: Unexpected close: {error or type(error).__name__}")

    def _serve(self, connection: Any, channel: Any) -> None:
        while True:
            connection.process_data_events(time_limit=None)
            while not self._orders.empty():
                order = self._orders.get()
                if order is None:
                    connection.close()
                    return
                delivery, done = order
                try:
                    _send(channel, delivery)
                except BaseException:
                    self._gone = True
                    self._orders.put(order)
                    raise
                done.set_result(None)

    def _refuse_rest(self) -> None:
        self._gone = True
        while not self._orders.empty():
            order = self._orders.get()
            if order is not None:
                order[1].set_exception(BrokerGone())

    def _lose(self, text: str) -> None:
        self._gone = True
        if not self._closed:
            self._on_loss(text)
        self._refuse_rest()


def _reason(error: Exception) -> str:
    """What the client library says; a port where nobody listens as Node calls it."""
    inner = error.args[0] if error.args else None
    if isinstance(getattr(inner, "exception", None), ConnectionRefusedError):
        return "Error: connect ECONNREFUSED"
    return str(error) or type(error).__name__


def _nothing() -> None:
    """What wakes the thread up."""


def _parameters(pika: Any, address: BrokerSettings) -> Any:
    return pika.ConnectionParameters(
        host=address.hostname,
        port=address.port,
        virtual_host="/",
        credentials=pika.PlainCredentials(address.username, address.password),
        socket_timeout=_CONNECT_SECONDS,
        stack_timeout=_CONNECT_SECONDS,
        blocked_connection_timeout=None,
    )


def _send(channel: Any, delivery: Publication) -> None:
    import pika

    channel.queue_declare(delivery.queue, durable=delivery.queue_durable)
    channel.exchange_declare(delivery.exchange, "topic", durable=True)
    channel.queue_bind(delivery.queue, delivery.exchange, delivery.binding_key)
    properties = pika.BasicProperties(headers={}, delivery_mode=delivery.delivery_mode)
    channel.basic_publish(delivery.exchange, delivery.routing_key, delivery.body, properties)


def _channel_closed(error: Any) -> str:
    code = getattr(error, "reply_code", 0)
    text = getattr(error, "reply_text", str(error))
    reason = text.partition(" - ")[0].replace("_", "-")
    return f'Error: Channel closed by server: {code} ({reason}) with message "{text}"'
