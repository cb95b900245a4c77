"""The virtual host ``/``: all exchanges and queues; they are declared, bound and deleted here."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from scicat_harness.broker.embedded.faults import (
    ChannelFault,
    ConnectionFault,
    access_refused,
    not_found,
    precondition_failed,
    resource_locked,
)
from scicat_harness.broker.embedded.queues import Queue, QueueConsumer
from scicat_harness.broker.embedded.routing import KINDS, AmqpExchange, QueueBinding
from scicat_harness.broker.embedded.trace import TRACE, traced
from scicat_harness.broker.embedded.wire import Message
from scicat_harness.model.topology import Route, Topology

__all__ = ["VirtualHost"]

_DEFAULT = ""
"""The name of the default exchange, which routes to the queue named by the routing key."""
_RESERVED = "amq."
# RabbitMQ also has amq.headers and amq.match; exchanges of type headers are not implemented.
_PREDECLARED = (("amq.direct", "direct"), ("amq.fanout", "fanout"), ("amq.topic", "topic"))


class VirtualHost:
    """All exchanges and queues, by name.

    Methods raise ChannelFault, with RabbitMQ's code and text, for an error of the client.
    """

    def __init__(self) -> None:
        self._exchanges = {
            name: AmqpExchange(name, kind, durable=True, auto_delete=False, internal=False)
            for name, kind in _PREDECLARED
        }
        self._exchanges[TRACE] = AmqpExchange(
            TRACE, "topic", durable=True, auto_delete=False, internal=True
        )
        self._queues: dict[str, Queue] = {}

    def exchange(self, name: str) -> AmqpExchange:
        """Return an exchange; raise ChannelFault 403 for the default one, 404 for none."""
        if name == _DEFAULT:
            raise access_refused("operation not permitted on the default exchange")
        if name not in self._exchanges:
            raise not_found("exchange", name)
        return self._exchanges[name]

    def declare_exchange(self, wanted: AmqpExchange) -> None:
        """Make an exchange, or check that an existing one is equivalent.

        Raises ConnectionFault 503 for an unknown kind, ChannelFault 403 for a reserved name and
        406 for another kind or attribute.
        """
        if wanted.kind not in KINDS:
            raise ConnectionFault(503, f"COMMAND_INVALID - unknown exchange type '{wanted.kind}'")
        if wanted.name == _DEFAULT:
            raise access_refused("operation not permitted on the default exchange")
        found = self._exchanges.get(wanted.name)
        if found is not None:
            _same(f"exchange '{wanted.name}'", "type", wanted.kind, found.kind)
            for name in ("durable", "auto_delete", "internal"):
                _same(
                    f"exchange '{wanted.name}'", name, getattr(wanted, name), getattr(found, name)
                )
            return
        if wanted.name.startswith(_RESERVED):
            raise _reserved("exchange", wanted.name)
        self._exchanges[wanted.name] = wanted

    def delete_exchange(self, name: str, *, if_unused: bool) -> None:
        """Delete an exchange; a missing one is no error."""
        if name == _DEFAULT:
            raise access_refused("operation not permitted on the default exchange")
        if name.startswith(_RESERVED):
            raise access_refused(f"deletion of system exchange '{name}' in vhost '/' not allowed")
        # An exchange is in use if it has bindings.
        found = self._exchanges.get(name)
        if found is not None and if_unused and found.bindings:
            raise precondition_failed(f"exchange '{name}' in vhost '/' in use")
        self._exchanges.pop(name, None)

    def queue(self, name: str, owner: object) -> Queue:
        """Return a queue for the connection ``owner``.

        Raises ChannelFault 404 for a missing queue, 405 for an exclusive one of another connection.
        """
        found = self._queues.get(name)
        if found is None:
            raise not_found("queue", name)
        if found.owner not in (None, owner):
            raise resource_locked(name)
        return found

    def has_queue(self, name: str) -> bool:
        """Return whether there is a queue of that name."""
        return name in self._queues

    def declare_queue(
        self, name: str, *, durable: bool, auto_delete: bool, owner: object | None
    ) -> Queue:
        """Make a queue, or check that an existing one is equivalent.

        Without a name it gets a new one. ``owner`` is the connection of an exclusive queue. Raises
        ChannelFault 405 for another owner, 406 for another attribute, 403 for a reserved name.
        """
        found = self._queues.get(name)
        if found is not None:
            if found.owner is not owner:
                raise resource_locked(name)
            _same(f"queue '{name}'", "durable", durable, found.durable)
            _same(f"queue '{name}'", "auto_delete", auto_delete, found.auto_delete)
            return found
        if name.startswith(_RESERVED):
            raise _reserved("queue", name)
        name = name or f"amq.gen-{secrets.token_urlsafe(16)}"
        made = Queue(name, durable=durable, auto_delete=auto_delete, owner=owner)
        self._queues[name] = made
        return made

    def delete_queue(self, queue: Queue) -> None:
        """Delete a queue with its messages, bindings and consumers."""
        # Consumers may still hold messages of it, which must not be requeued.
        queue.deleted = True
        queue.purge()
        self._queues.pop(queue.name, None)
        for exchange in list(self._exchanges.values()):
            # Collected first: unbinding changes the bindings, and may delete the exchange.
            gone = [each for each in exchange.bindings if each.queue == queue.name]
            for binding in gone:
                self._unbind(exchange, binding)
        while queue.consumers:
            queue.consumers.popleft().cancelled()

    def bind(self, exchange: str, queue: Queue, key: str, arguments: str) -> None:
        """Bind a queue to an exchange; a second equal binding changes nothing."""
        self.exchange(exchange).bindings[QueueBinding(queue.name, key, arguments)] = None

    def unbind(self, exchange: str, queue: str, key: str, arguments: str) -> None:
        """Remove a binding; a missing binding, queue or exchange is no error."""
        if exchange == _DEFAULT or exchange in self._exchanges:
            self._unbind(self.exchange(exchange), QueueBinding(queue, key, arguments))

    def unsubscribe(self, queue: Queue, consumer: QueueConsumer) -> None:
        """Remove a consumer; an auto-delete queue is deleted with its last consumer."""
        if consumer in queue.consumers:
            queue.consumers.remove(consumer)
            if queue.auto_delete and not queue.consumers:
                self.delete_queue(queue)

    def route(self, message: Message) -> list[Queue]:
        """Return the queues that a message goes to.

        Raises ChannelFault 404 for a missing exchange, 403 for an internal one.
        """
        return [self._queues[name] for name in self._route(message) if name in self._queues]

    def trace(self, message: Message, queues: Sequence[Queue], user: str) -> None:
        """Publish the copy of a message that went to these queues (``embedded.trace``)."""
        exchange = self._exchanges[TRACE]
        # A copy costs more than the message, and is for those alone who asked for it.
        if not exchange.bindings:
            return
        copy = traced(message, [each.name for each in queues], user)
        for name in exchange.route(copy.routing_key):
            self._queues[name].push(copy)

    def topology(self) -> Topology:
        """Return the exchanges and bindings, those of the default exchange included."""
        bound = {
            Route(exchange.name, each.queue, each.key)
            for exchange in self._exchanges.values()
            for each in exchange.bindings
        }
        default = {Route(_DEFAULT, name, name) for name in self._queues}
        return Topology(frozenset(self._exchanges), frozenset(bound | default))

    def forget(self, owner: object) -> None:
        """Delete the exclusive queues of a connection that has ended."""
        for queue in [each for each in self._queues.values() if each.owner is owner]:
            self.delete_queue(queue)

    def _route(self, message: Message) -> Iterator[str]:
        # Every queue is bound to the default exchange by its name.
        if message.exchange == _DEFAULT:
            return iter((message.routing_key,))
        exchange = self.exchange(message.exchange)
        if exchange.internal:
            raise access_refused(
                f"cannot publish to internal exchange '{exchange.name}' in vhost '/'"
            )
        return exchange.route(message.routing_key)

    def _unbind(self, exchange: AmqpExchange, binding: QueueBinding) -> None:
        # The values are None, so the default must be another one: nothing was bound.
        if exchange.bindings.pop(binding, self) is self:
            return
        if exchange.auto_delete and not exchange.bindings:
            self._exchanges.pop(exchange.name, None)


def _same(subject: str, attribute: str, wanted: object, found: object) -> None:
    if wanted != found:
        raise precondition_failed(
            f"inequivalent arg '{attribute}' for {subject} in vhost '/': "
            f"received '{_shown(wanted)}' but current is '{_shown(found)}'"
        )


def _shown(value: object) -> str:
    # As Erlang writes it: true, not True.
    return str(value).lower() if isinstance(value, bool) else str(value)


def _reserved(kind: str, name: str) -> ChannelFault:
    return access_refused(f"{kind} name '{name}' contains reserved prefix 'amq.*'")
