"""The AMQP collector: it writes every message of its queues to the journal.

One thread owns the connection, because pika's are not thread-safe; other threads pass it commands.
The broker closes a channel on every error, so each command has a channel of its own. A lost
connection is reported to the journal: from then on the absence of messages proves nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError, ChannelClosedByBroker
from pika.spec import Basic, BasicProperties

from scicat_harness.errors import DeadlineExceeded, EnvironmentFault, UsageFault
from scicat_harness.sinks.amqp_address import DEADLINE, error_text, parameters_of, shown_address
from scicat_harness.sinks.amqp_channel import refusals, throwaway_channel
from scicat_harness.sinks.amqp_message import TRACE, TRACE_EXCHANGE, message_content, traced_content
from scicat_harness.sinks.arrival import AMQP
from scicat_harness.sinks.journal import Journal

__all__ = ["EXCHANGE", "Collector"]

EXCHANGE = "exchange"  # The source of arrivals from exchanges that ``bind`` is called for.
_TICK = 5.0
# Reply codes of AMQP 0-9-1, with which a broker closes a channel.
_NOT_FOUND = 404
_PRECONDITION_FAILED = 406

T = TypeVar("T")
Operation = Callable[[BlockingConnection], T]


class Collector:
    """A connection to a broker, whose messages go into the journal.

    The constructor returns once it is connected. Methods may be called from any thread; they raise
    EnvironmentFault when the broker refuses or the connection is lost, and DeadlineExceeded when
    the broker does not answer within 10 s::

        collector = Collector("amqp://guest:guest@127.0.0.1:5672/%2F", journal)
        collector.bind("jobs.write")
    """

    def __init__(self, url: str, journal: Journal) -> None:
        self._where = shown_address(url)
        self._journal = journal
        self._commands: SimpleQueue[Callable[[BlockingConnection], None]] = SimpleQueue()
        self._connected: Future[BlockingConnection] = Future()
        self._closing = threading.Event()
        self._own_queue: str | None = None
        self._bound: set[str] = set()
        self._consumed: dict[str, BlockingChannel] = {}
        parameters = parameters_of(url)
        self._thread = threading.Thread(
            target=self._run, args=(parameters,), name="amqp-collector", daemon=True
        )
        self._thread.start()
        self._connected.result()

    def bind(self, exchange: str, key: str = "#", *, passive: bool = False) -> None:
        """Journal the messages that are published to an exchange with a key.

        The exchange is declared as topic and durable, as the backend does it; with ``passive`` it
        must exist already.
        """

        def operate(connection: BlockingConnection) -> None:
            queue = self._own(connection)
            with self._throwaway(connection, f"bind to exchange {exchange!r}") as channel:
                channel.exchange_declare(exchange, "topic", passive=passive, durable=True)
                channel.queue_bind(queue, exchange, key)
            self._bound |= {exchange} if key == "#" else set()

        self._do(operate)

    def own(self) -> str | None:
        """Return the name of the queue that ``bind`` binds; None before the first call of it."""
        return self._own_queue

    def route(self, queue: str, exchange: str, key: str) -> None:
        """Bind a queue of the backend to an exchange with a key; both must exist."""

        def operate(connection: BlockingConnection) -> None:
            with self._throwaway(connection, f"bind queue {queue!r} to {exchange!r}") as channel:
                channel.queue_bind(queue, exchange, key)

        self._do(operate)

    def trace(self) -> bool:
        """Journal every message that is published to an exchange that ``bind`` was not called for.

        Needs RabbitMQ's firehose; return False where there is no such exchange. Such an arrival
        has the exchange and key of the message itself, and the source ``TRACE``.
        """

        def operate(connection: BlockingConnection) -> bool:
            queue = self._own(connection)
            with self._throwaway(connection, "bind to the trace of messages") as channel:
                try:
                    channel.queue_bind(queue, TRACE_EXCHANGE, "publish.#")
                except ChannelClosedByBroker as closed:
                    if closed.reply_code == _NOT_FOUND:
                        return False
                    raise
            return True

        return self._do(operate)

    def consume(self, queue: str) -> None:
        """Journal the messages of a queue, which must exist; calling it again changes nothing."""

        def operate(connection: BlockingConnection) -> None:
            if queue in self._consumed:
                return
            # A missing queue would close the channel of the consumer.
            with self._throwaway(connection, f"consume queue {queue!r}") as channel:
                channel.queue_declare(queue, passive=True)
            self._listen(connection, queue, queue)

        self._do(operate)

    def check(self, queue: str) -> dict[str, int] | None:
        """Return the numbers of ``messages`` and ``consumers``; None if there is no such queue."""

        def operate(connection: BlockingConnection) -> dict[str, int] | None:
            with self._throwaway(connection, f"check queue {queue!r}") as channel:
                try:
                    state = channel.queue_declare(queue, passive=True).method
                except ChannelClosedByBroker as closed:
                    if closed.reply_code == _NOT_FOUND:
                        return None
                    raise
            return {"messages": state.message_count, "consumers": state.consumer_count}

        return self._do(operate)

    def durable(self, queue: str) -> bool | None:
        """Return whether a queue is durable; None if there is no such queue.

        AMQP has no method that returns this. A declaration as durable succeeds for a durable queue
        and fails with 406 for another one, and would make a queue that does not exist.
        """
        if self.check(queue) is None:
            return None

        def operate(connection: BlockingConnection) -> bool:
            with self._throwaway(connection, f"redeclare queue {queue!r}") as channel:
                try:
                    channel.queue_declare(queue, durable=True)
                except ChannelClosedByBroker as closed:
                    if closed.reply_code == _PRECONDITION_FAILED:
                        return False
                    raise
            return True

        return self._do(operate)

    def publish(self, exchange: str, key: str, body: str) -> None:
        """Publish one persistent message, and wait until the broker confirms it."""

        def operate(connection: BlockingConnection) -> None:
            with self._throwaway(connection, f"publish to exchange {exchange!r}") as channel:
                channel.confirm_delivery()
                channel.basic_publish(
                    exchange, key, body.encode(), BasicProperties(delivery_mode=2, headers={})
                )

        self._do(operate)

    def declare_queue(
        self,
        queue: str,
        *,
        durable: bool = True,
        exclusive: bool = False,
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        """Declare a queue; an exclusive one lives as long as the collector's connection."""

        def operate(connection: BlockingConnection) -> None:
            with self._throwaway(connection, f"declare queue {queue!r}") as channel:
                channel.queue_declare(
                    queue, durable=durable, exclusive=exclusive, arguments=dict(arguments or {})
                )

        self._do(operate)

    def declare_exchange(self, exchange: str, *, kind: str = "topic", durable: bool = True) -> None:
        """Declare an exchange."""

        def operate(connection: BlockingConnection) -> None:
            with self._throwaway(connection, f"declare exchange {exchange!r}") as channel:
                channel.exchange_declare(exchange, kind, durable=durable)

        self._do(operate)

    def delete(
        self, prefix: str, *, queues: Sequence[str] = (), exchanges: Sequence[str] = ()
    ) -> None:
        """Delete queues and exchanges; raise UsageFault if a name does not begin with ``prefix``.

        Then nothing is deleted: the broker may have queues and exchanges of others.
        """
        foreign = [each for each in (*queues, *exchanges) if not each.startswith(prefix)]
        if not prefix or foreign:
            raise UsageFault(
                f"cannot delete {', '.join(foreign) or 'anything'} with the prefix {prefix!r}; "
                "give names that begin with a prefix of the run"
            )

        def operate(connection: BlockingConnection) -> None:
            for queue in queues:
                # A consumer of a deleted queue is cancelled, which counts as a loss.
                if queue in self._consumed:
                    self._consumed.pop(queue).close()
            with self._throwaway(connection, "delete queues and exchanges") as channel:
                for queue in queues:
                    channel.queue_delete(queue)
                for exchange in exchanges:
                    channel.exchange_delete(exchange)

        self._do(operate)

    def close(self) -> None:
        """Disconnect and end the thread; safe to call twice."""
        self._closing.set()
        self._commands.put(lambda _connection: None)
        self._wake()
        self._thread.join(DEADLINE)

    def _do(self, operate: Operation[T]) -> T:
        """Run a command in the thread of the connection, and return its result."""
        self._journal.demand(AMQP)
        result: Future[T] = Future()

        def command(connection: BlockingConnection) -> None:
            try:
                result.set_result(operate(connection))
            except EnvironmentFault as fault:
                result.set_exception(fault)
            except (AMQPError, OSError) as error:
                # Raised again: in _run it ends the connection, and is reported to the journal.
                result.set_exception(self._lost(error))
                raise

        self._commands.put(command)
        self._wake()
        try:
            return result.result(DEADLINE)
        except FutureTimeoutError:
            # A connection that was lost meanwhile is the better reason.
            self._journal.demand(AMQP)
            raise DeadlineExceeded(
                f"the AMQP broker at {self._where} did not answer within {DEADLINE:g} s"
            ) from None

    def _wake(self) -> None:
        # Ends process_data_events early; the only method of a connection that is thread-safe.
        with contextlib.suppress(AMQPError):
            self._connected.result().add_callback_threadsafe(lambda: None)

    def _run(self, parameters: pika.URLParameters) -> None:
        try:
            connection = BlockingConnection(parameters)
        except (AMQPError, OSError) as error:
            reason = f"cannot connect to the AMQP broker at {self._where}: {error_text(error)}"
            self._connected.set_exception(EnvironmentFault(reason))
            return
        self._connected.set_result(connection)
        try:
            while not self._closing.is_set():
                connection.process_data_events(time_limit=_TICK)
                self._run_commands(connection)
                self._watch_consumers()
        except (AMQPError, OSError) as error:
            self._journal.lose(AMQP, str(self._lost(error)))
        with contextlib.suppress(AMQPError, OSError):
            connection.close()

    def _run_commands(self, connection: BlockingConnection) -> None:
        while True:
            try:
                command = self._commands.get_nowait()
            except Empty:
                return
            command(connection)

    def _watch_consumers(self) -> None:
        # pika reports a closed channel only to the next call on it, and consumers make none.
        for queue, channel in tuple(self._consumed.items()):
            if channel.is_closed:
                del self._consumed[queue]
                reason = f"the AMQP broker closed the channel that consumes queue {queue!r}"
                self._journal.lose(AMQP, reason)

    def _lost(self, error: Exception) -> EnvironmentFault:
        text = error_text(error)
        return EnvironmentFault(f"the AMQP connection was lost: {text} ({self._where})")

    def _throwaway(
        self, connection: BlockingConnection, purpose: str
    ) -> AbstractContextManager[BlockingChannel]:
        return throwaway_channel(connection, purpose, self._where)

    def _own(self, connection: BlockingConnection) -> str:
        """Return the name of the collector's own queue, declared and consumed at first use."""
        if self._own_queue is None:
            # Exclusive: it belongs to the connection, and outlives the channel that declares it.
            with self._throwaway(connection, "declare a queue of the sinks") as channel:
                declared = channel.queue_declare("", exclusive=True, auto_delete=True)
            self._own_queue = str(declared.method.queue)
            self._listen(connection, self._own_queue, EXCHANGE)
        return self._own_queue

    def _listen(self, connection: BlockingConnection, queue: str, source: str) -> None:
        def arrived(
            _channel: BlockingChannel,
            method: Basic.Deliver,
            properties: BasicProperties,
            body: bytes,
        ) -> None:
            if method.exchange != TRACE_EXCHANGE:
                self._journal.add(AMQP, source, message_content(method, properties, body))
            # What we are bound to arrives by itself.
            elif (content := traced_content(properties, body))["exchange"] not in self._bound:
                self._journal.add(AMQP, TRACE, content)

        def cancelled(_method: object) -> None:
            self._consumed.pop(queue, None)
            reason = f"the AMQP broker cancelled the consumer of queue {queue!r}: was it deleted?"
            self._journal.lose(AMQP, reason)

        channel = connection.channel()
        channel.add_on_cancel_callback(cancelled)
        with refusals(f"consume queue {queue!r}", self._where):
            # Without acknowledgements: a message is in the journal before the next is read.
            channel.basic_consume(queue, arrived, auto_ack=True)
        self._consumed[queue] = channel
