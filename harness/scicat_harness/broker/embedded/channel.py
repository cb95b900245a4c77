"""Channels: the state of one, and its opening, its messages and its end."""

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
    """What a channel needs of its connection."""

    user: str
    largest_frame: int
    told_of_cancels: bool
    congested: bool

    @property
    def vhost(self) -> VirtualHost:
        """The exchanges and queues."""

    def write(self, data: bytes) -> None:
        """Send frames, in this order."""


class Subscription:
    """A consumer of a channel; ``limit`` 0 means that it may have any number of messages."""

    def __init__(self, channel: AmqpChannel, tag: str, queue: Queue, limit: int) -> None:
        self.tag = tag
        self.queue = queue
        self.no_ack = False
        self.exclusive = False
        self.held = 0
        self._channel = channel
        self._limit = limit

    def ready(self) -> bool:
        """Whether it may be given one more."""
        if self._channel.link.congested:
            return False
        if self.no_ack:
            return True
        return not (self._limit and self.held >= self._limit) and self._channel.has_room

    def deliver(self, queue: Queue, stored: QueuedMessage) -> None:
        """Send it to the client."""
        channel = self._channel
        tag = channel.hand_out(stored, queue, self)
        head = delivered(channel.number, self.tag, tag, stored.message, again=stored.redelivered)
        channel.link.write(head + channel.content(stored))

    def cancelled(self) -> None:
        """Forget it, and tell a client that wants to know."""
        self._channel.subscriptions.pop(self.tag, None)
        if self._channel.link.told_of_cancels:
            self._channel.send(commands.Basic.Cancel(self.tag, nowait=True))


@dataclass(frozen=True, slots=True)
class _HandedOut:
    """A message the client has and did not answer for yet."""

    stored: QueuedMessage
    queue: Queue
    subscription: Subscription | None


class AmqpChannel:
    """One channel; ``closing`` while the client has not yet seen that we closed it."""

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
        """Whether the limit over all its consumers allows one message more."""
        if not self.limit_all:
            return True
        return sum(each.held for each in self.subscriptions.values()) < self.limit_all

    def send(self, method: base.Frame) -> None:
        """Send a method."""
        self.link.write(method_frame(self.number, method))

    def content(self, stored: QueuedMessage) -> bytes:
        """The content frames of a message."""
        return content_frames(self.number, stored.message, self.link.largest_frame)

    def hand_out(
        self, stored: QueuedMessage, queue: Queue, subscription: Subscription | None
    ) -> int:
        """Note that the client gets this message; its delivery tag."""
        self._handed_out += 1
        if subscription is None or not subscription.no_ack:
            self._held[self._handed_out] = _HandedOut(stored, queue, subscription)
            if subscription is not None:
                subscription.held += 1
        return self._handed_out

    def next_tag(self) -> int:
        """A delivery tag for a message that needs no answer."""
        self._handed_out += 1
        return self._handed_out

    def settle(self, tag: int, *, multiple: bool, requeue: bool) -> None:
        """The client answered for one message, or for all up to this tag."""
        tags = self._tags(tag) if multiple else [tag]
        if tag not in self._held and not (multiple and tag == 0):
            raise precondition_failed(f"unknown delivery tag {tag}")
        self._release(tags, requeue=requeue)

    def recover(self) -> None:
        """Put back everything the client has not answered for."""
        self._release(list(self._held), requeue=True)

    def publish(self, frame: Frame) -> None:
        """Take a frame of the message being published; route it when it is complete."""
        content = self.content_of
        assert content is not None
        content.take(frame)
        if not content.complete:
            return
        self.content_of = None
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

    def confirm(self) -> None:
        """From now on every message is acknowledged; they are counted from here."""
        if not self.confirming:
            self.confirming = True
            self._confirmed = 0

    def fail(self, fault: ChannelFault, cause: base.Frame) -> None:
        """Close it because of a mistake."""
        self.send(
            commands.Channel.Close(
                fault.code, fault.text[:255], cause.index >> 16, cause.index & 0xFFFF
            )
        )
        self.closing = True
        self.release()

    def release(self) -> None:
        """End its consumers, and give back what the client has not answered for."""
        self.content_of = None
        held, self._held = self._held, {}
        for each in reversed(held.values()):
            each.queue.requeue(each.stored)
        while self.subscriptions:
            _, subscription = self.subscriptions.popitem()
            self.link.vhost.unsubscribe(subscription.queue, subscription)
        for queue in dict.fromkeys(each.queue for each in held.values()):
            queue.dispatch()

    def _tags(self, last: int) -> list[int]:
        return [each for each in self._held if each <= last or last == 0]

    def _release(self, tags: list[int], *, requeue: bool) -> None:
        for queue in dict.fromkeys(self._settled(tags, requeue=requeue)):
            queue.dispatch()

    def _settled(self, tags: list[int], *, requeue: bool) -> Iterator[Queue]:
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
