"""The RabbitMQ client: one connection and one channel, opened at the start and never reopened.

See specification: action.rabbitmq, start.errors. A pika connection belongs to one thread, so one
thread owns it and takes messages from a queue. A closed channel or a broken connection ends the
whole process, as in the real backend. After an orderly close by the broker the process goes on, but
nothing can be published any more.
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
# The delivery mode of AMQP for messages that survive a restart of the broker.
PERSISTENT = 2


class BrokerGone(Exception):
    """The connection is closed; no further message can be published."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One message, and the queue, exchange and binding that are declared for it."""

    queue: str
    exchange: str
    binding_key: str
    routing_key: str
    body: bytes
    queue_durable: bool = True
    delivery_mode: int = PERSISTENT
    also: str = ""
    """A further queue that is bound in the same way; "" for none."""


class BrokerClient(Protocol):
    """A client that publishes messages; RabbitMQ, or a fake in tests."""

    async def publish(self, delivery: Publication) -> None:
        """Declare queue and exchange, bind them, and publish; raise BrokerGone if closed."""

    def close(self) -> None:
        """Close the connection."""


Order = tuple[Publication, Future[None]]


class RabbitMQ:
    """A client of a RabbitMQ server, by pika in a thread of its own."""

    def __init__(self, address: BrokerSettings, on_loss: Callable[[str], None]) -> None:
        """Connect to the broker and wait until the channel is open.

        ``on_loss`` is called in the client's thread with the text of an error that ends the process
        of the real backend. Raises BootFailure if the broker is unreachable or refuses the login.
        """
        self._address = address
        self._on_loss = on_loss
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        # The connection once it is open, or the error; the constructor waits for it.
        self._opened: Future[Any] = Future()
        self._gone = False
        self._closed = False
        self._connection: Any = None
        self._thread = threading.Thread(target=self._run, name="embedded-amqp", daemon=True)
        self._thread.start()
        try:
            self._connection = self._opened.result()
        # pika raises errors of many classes here, sockets and protocol included.
        except Exception as error:
            self._thread.join(_CLOSE_SECONDS)
            cause = _reason(error)
            raise BootFailure(f"Error: Cannot connect to RabbitMQ [cause]: {cause}") from None

    async def publish(self, delivery: Publication) -> None:
        """Declare queue and exchange, bind them, and publish.

        Returns once the message is written, without a confirmation of the broker. Raises
        BrokerGone if the connection was closed.
        """
        if self._gone:
            raise BrokerGone
        done: Future[None] = Future()
        self._orders.put((delivery, done))
        self._wake()
        await asyncio.wrap_future(done)

    def close(self) -> None:
        """Close the connection and join the thread; further calls do nothing."""
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
            # The connection is closed; its thread refuses the remaining messages.
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
            # An orderly close: the real backend survives it and never reconnects.
            self._refuse_rest()
        # For instance 406 PRECONDITION-FAILED, if the queue exists with other arguments.
        except AMQPChannelError as error:
            self._lose(_channel_closed(error))
        except ConnectionClosed as error:
            self._lose(f"Error: {error}")
        except Exception as error:
            self._lose(f"Error: Unexpected close: {error or type(error).__name__}")

    def _serve(self, connection: Any, channel: Any) -> None:
        while True:
            # Blocks until there is traffic or _wake is called; heartbeats are answered meanwhile.
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
                    # Back into the queue, so that _refuse_rest answers its publisher, too.
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
    """Return the text of pika's error, for a refused connection the text of Node."""
    inner = error.args[0] if error.args else None
    if isinstance(getattr(inner, "exception", None), ConnectionRefusedError):
        return "Error: connect ECONNREFUSED"
    return str(error) or type(error).__name__


def _nothing() -> None:
    """Do nothing; as a callback it ends the wait of the connection's thread."""


def _parameters(pika: Any, address: BrokerSettings) -> Any:
    return pika.ConnectionParameters(
        host=address.hostname,
        port=address.port,
        virtual_host="/",
        credentials=pika.PlainCredentials(address.username, address.password),
        socket_timeout=_CONNECT_SECONDS,
        stack_timeout=_CONNECT_SECONDS,
        # A broker that is short of memory blocks publishers; there is no limit to that wait.
        blocked_connection_timeout=None,
    )


def _send(channel: Any, delivery: Publication) -> None:
    import pika

    # Before every message, as the real backend does (specification: action.rabbitmq).
    channel.queue_declare(delivery.queue, durable=delivery.queue_durable)
    channel.exchange_declare(delivery.exchange, "topic", durable=True)
    channel.queue_bind(delivery.queue, delivery.exchange, delivery.binding_key)
    if delivery.also:
        channel.queue_declare(delivery.also, durable=True)
        channel.queue_bind(delivery.also, delivery.exchange, delivery.binding_key)
    properties = pika.BasicProperties(headers={}, delivery_mode=delivery.delivery_mode)
    channel.basic_publish(delivery.exchange, delivery.routing_key, delivery.body, properties)


def _channel_closed(error: Any) -> str:
    code = getattr(error, "reply_code", 0)
    text = getattr(error, "reply_text", str(error))
    reason = text.partition(" - ")[0].replace("_", "-")
    return f'Error: Channel closed by server: {code} ({reason}) with message "{text}"'
