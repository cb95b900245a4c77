"""Channels: consumers, unacknowledged messages, publishing, and the end of a channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from pamqp import base, commands

from scicat_harness.broker.embedded.content import MessageContent
from scicat_harness.broker.embedded.faults import ChannelFault, precondition_failed
from scicat_harness.broker.embedded.queues import Queue, QueuedMessage
from scicat_harness.broker.embedded.vhost import VirtualHost
from scicat_harness.broker.embedded.wire import (
    Frame,
    content_frames,
    delivered,
    method_frame,
    returned,
)

__all__ = ["AmqpChannel", "Link", "Subscription"]


class Link(Protocol):
    """The connection as a channel sees it.

    ``consumer_cancel_notify`` is the ability of the client of that name; ``congested`` is true
    while the client reads too slowly.
    """

    user: str
    largest_frame: int
    consumer_cancel_notify: bool
    congested: bool

    @property
    def vhost(self) -> VirtualHost:
        """The virtual host with exchanges and queues."""

    def write(self, data: bytes) -> None:
        """Send frames, in this order."""


class Subscription:
    """A consumer of a channel.

    ``limit`` is its prefetch count, 0 for none; ``held`` is the number of messages that it has
    received and not acknowledged. With ``no_ack`` there are none and no limit.
    """

    def __init__(self, channel: AmqpChannel, tag: str, queue: Queue, limit: int) -> None:
        self.tag = tag
        self.queue = queue
        self.no_ack = False
        self.exclusive = False
        self.held = 0
        self._channel = channel
        self._limit = limit

    def ready(self) -> bool:
        """Return whether it may get one more message."""
        # Messages stay in the queue instead of in the buffer of a client that does not read.
        if self._channel.link.congested:
            return False
        if self.no_ack:
            return True
        return not (self._limit and self.held >= self._limit) and self._channel.has_room

    def deliver(self, queue: Queue, stored: QueuedMessage) -> None:
        """Send a message to the client."""
        channel = self._channel
        tag = channel.hand_out(stored, queue, self)
        head = delivered(channel.number, self.tag, tag, stored.message, again=stored.redelivered)
        channel.link.write(head + channel.content(stored))

    def cancelled(self) -> None:
        """Remove it, because its queue is gone; notify a client that has asked for that."""
        self._channel.subscriptions.pop(self.tag, None)
        # An extension of RabbitMQ, for clients that announce it.
        if self._channel.link.consumer_cancel_notify:
            self._channel.send(commands.Basic.Cancel(self.tag, nowait=True))


@dataclass(frozen=True, slots=True)
class _HandedOut:
    """A message that was delivered and not acknowledged yet."""

    stored: QueuedMessage
    queue: Queue
    subscription: Subscription | None


class AmqpChannel:
    """One channel of a connection.

    ``closing`` is true from our channel.close until the client confirms it; everything it sends
    meanwhile is ignored. ``limit_each`` and ``limit_all`` are the prefetch counts for each new
    consumer and for the channel, 0 for none. ``content_of`` is the message being published.
    """

    def __init__(self, number: int, link: Link) -> None:
        self.number = number
        self.link = link
        self.closing = False
        self.confirming = False
        self.last_queue = ""
        self.limit_each = 0
        self.limit_all = 0
        self.subscriptions: dict[str, Subscription] = {}
        self.content_of: MessageContent | None = None
        self._held: dict[int, _HandedOut] = {}
        self._handed_out = 0
        self._confirmed = 0

    @property
    def has_room(self) -> bool:
        """True if the prefetch count of the channel allows one more message."""
        if not self.limit_all:
            return True
        return sum(each.held for each in self.subscriptions.values()) < self.limit_all

    def send(self, method: base.Frame) -> None:
        """Send a method to the client."""
        self.link.write(method_frame(self.number, method))

    def content(self, stored: QueuedMessage) -> bytes:
        """Return the content frames of a message."""
        return content_frames(self.number, stored.message, self.link.largest_frame)

    def hand_out(
        self, stored: QueuedMessage, queue: Queue, subscription: Subscription | None
    ) -> int:
        """Count a message as delivered, and return its delivery tag.

        It is kept until the client acknowledges it, unless the consumer has ``no_ack``.
        ``subscription`` is None for ``basic.get``.
        """
        self._handed_out += 1
        if subscription is None or not subscription.no_ack:
            self._held[self._handed_out] = _HandedOut(stored, queue, subscription)
            if subscription is not None:
                subscription.held += 1
        return self._handed_out

    def next_tag(self) -> int:
        """Return a delivery tag for a message that needs no acknowledgement."""
        self._handed_out += 1
        return self._handed_out

    def settle(self, tag: int, *, multiple: bool, requeue: bool) -> None:
        """Acknowledge or requeue one message, or with ``multiple`` all up to this tag.

        Raises ChannelFault 406 for an unknown tag.
        """
        tags = self._tags(tag) if multiple else [tag]
        # Tag 0 with multiple means all messages (AMQP 0-9-1, basic.ack), also none.
        if tag not in self._held and not (multiple and tag == 0):
            raise precondition_failed(f"unknown delivery tag {tag}")
        self._release(tags, requeue=requeue)

    def recover(self) -> None:
        """Requeue every message that is not acknowledged."""
        self._release(list(self._held), requeue=True)

    def publish(self, frame: Frame) -> None:
        """Add a frame to the message being published; route it once it is complete.

        As in RabbitMQ, basic.return comes before the confirmation. Raises a fault for a wrong
        frame or a missing exchange.
        """
        content = self.content_of
        assert content is not None
        content.take(frame)
        if not content.complete:
            return
        self.content_of = None
        # Counted always; ``confirm`` starts the count again.
        self._confirmed += 1
        message = content.message(self.link.user)
        queues = self.link.vhost.route(message)
        if not queues and content.method.mandatory:
            frames = content_frames(self.number, message, self.link.largest_frame)
            self.link.write(returned(self.number, message) + frames)
        if self.confirming:
            self.send(commands.Basic.Ack(self._confirmed))
        for queue in queues:
            queue.push(message)
        self.link.vhost.trace(message, queues, self.link.user)

    def confirm(self) -> None:
        """Confirm every message from now on, numbered from 1; a second call changes nothing."""
        if not self.confirming:
            self.confirming = True
            self._confirmed = 0

    def fail(self, fault: ChannelFault, cause: base.Frame) -> None:
        """Close the channel because of a fault in the method ``cause``."""
        # A short string has at most 255 bytes; the index of a method is class << 16 | method.
        self.send(
            commands.Channel.Close(
                fault.code, fault.text[:255], cause.index >> 16, cause.index & 0xFFFF
            )
        )
        # Everything is released at once, though the client may confirm the close later.
        self.closing = True
        self.release()

    def release(self) -> None:
        """End its consumers, and requeue the messages that are not acknowledged."""
        self.content_of = None
        held, self._held = self._held, {}
        for each in reversed(held.values()):
            each.queue.requeue(each.stored)
        # One by one: unsubscribing may delete a queue, which cancels other subscriptions.
        while self.subscriptions:
            _, subscription = self.subscriptions.popitem()
            self.link.vhost.unsubscribe(subscription.queue, subscription)
        # Last, so that no message goes back to a consumer of this channel.
        for queue in dict.fromkeys(each.queue for each in held.values()):
            queue.dispatch()

    def _tags(self, last: int) -> list[int]:
        return [each for each in self._held if each <= last or last == 0]

    def _release(self, tags: list[int], *, requeue: bool) -> None:
        # All tags first: dispatching in between could deliver a message out of order.
        for queue in dict.fromkeys(self._settled(tags, requeue=requeue)):
            queue.dispatch()

    def _settled(self, tags: list[int], *, requeue: bool) -> Iterator[Queue]:
        """Remove these tags from ``_held``; yield the queues that may deliver more now."""
        for tag in tags:
            each = self._held.pop(tag, None)
            if each is None:
                continue
            if each.subscription is not None:
                each.subscription.held -= 1
                # With a limit over the channel, room for one queue is room for another.
                yield from (other.queue for other in self.subscriptions.values())
            if requeue:
                each.queue.requeue(each.stored)
            yield each.queue
