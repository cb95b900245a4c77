"""Queues: messages in order, and consumers that get them in turn."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from scicat_harness.broker.embedded.wire import Message

__all__ = ["Queue", "QueueConsumer", "QueuedMessage"]


@dataclass(order=True, slots=True)
class QueuedMessage:
    """A message in a queue; it keeps its ``position`` when it is requeued."""

    position: int
    message: Message = field(compare=False)
    redelivered: bool = field(default=False, compare=False)


class QueueConsumer(Protocol):
    """A consumer as its queue sees it."""

    exclusive: bool

    def ready(self) -> bool:
        """Return whether it may get one more message."""

    def deliver(self, queue: Queue, stored: QueuedMessage) -> None:
        """Send this message to the client."""

    def cancelled(self) -> None:
        """End, because the queue was deleted."""


class Queue:
    """One queue; ``owner`` is the connection of an exclusive one, None for a shared one.

    ``len`` is the number of messages that are ready, without those that consumers hold.
    """

    def __init__(
        self, name: str, *, durable: bool, auto_delete: bool, owner: object | None
    ) -> None:
        self.name = name
        self.durable = durable
        self.auto_delete = auto_delete
        self.owner = owner
        self.deleted = False
        self.consumers: deque[QueueConsumer] = deque()
        # A heap by position: a requeued message returns to its old place.
        self._ready: list[QueuedMessage] = []
        self._positions = count()

    def __len__(self) -> int:
        return len(self._ready)

    def push(self, message: Message) -> None:
        """Add a message at the end, and deliver it if a consumer is ready."""
        heapq.heappush(self._ready, QueuedMessage(next(self._positions), message))
        self.dispatch()

    def pop(self) -> QueuedMessage | None:
        """Remove and return the first message; None if there is none."""
        return heapq.heappop(self._ready) if self._ready else None

    def requeue(self, stored: QueuedMessage) -> None:
        """Return a message to its place; call ``dispatch`` afterwards to deliver it again."""
        # A message of a deleted queue is dropped.
        if not self.deleted:
            stored.redelivered = True
            heapq.heappush(self._ready, stored)

    def purge(self) -> int:
        """Drop the messages that are ready; return their number."""
        dropped = len(self._ready)
        self._ready.clear()
        return dropped

    def dispatch(self) -> None:
        """Deliver messages to the consumers that are ready, in turn."""
        while self._ready and (consumer := self._next()) is not None:
            consumer.deliver(self, heapq.heappop(self._ready))

    def _next(self) -> QueueConsumer | None:
        # Rotated also past one that is not ready, so that each is asked once at most.
        for _ in range(len(self.consumers)):
            consumer = self.consumers[0]
            self.consumers.rotate(-1)
            if consumer.ready():
                return consumer
        return None
