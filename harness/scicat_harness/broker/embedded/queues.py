"""Queues: messages in order, and the consumers that take turns."""

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
    """A message in a queue; ``position`` is where it belongs, also after a requeue."""

    position: int
    message: Message = field(compare=False)
    redelivered: bool = field(default=False, compare=False)


class QueueConsumer(Protocol):
    """Takes messages of a queue as long as it is ready."""

    exclusive: bool

    def ready(self) -> bool:
        """Whether it may be given one more."""

    def deliver(self, queue: Queue, stored: QueuedMessage) -> None:
        """Take this message."""

    def cancelled(self) -> None:
        """The queue is gone."""


class Queue:
    """One queue; ``owner`` is the connection an exclusive one belongs to."""

    def __init__(
        self, name: str, *, durable: bool, auto_delete: bool, owner: object | None
    ) -> None:
        self.name = name
        self.durable = durable
        self.auto_delete = auto_delete
        self.owner = owner
        self.deleted = False
        self.consumers: deque[QueueConsumer] = deque()
        self._ready: list[QueuedMessage] = []
        self._positions = count()

    def __len__(self) -> int:
        return len(self._ready)

    def push(self, message: Message) -> None:
        """Add a message at the end."""
        heapq.heappush(self._ready, QueuedMessage(next(self._positions), message))
        self.dispatch()

    def pop(self) -> QueuedMessage | None:
        """The first message, or None."""
        return heapq.heappop(self._ready) if self._ready else None

    def requeue(self, stored: QueuedMessage) -> None:
        """Put a message back where it was; ``dispatch`` gives it out again."""
        if not self.deleted:
            stored.redelivered = True
            heapq.heappush(self._ready, stored)

    def purge(self) -> int:
        """Drop the messages nobody has taken; how many."""
        dropped = len(self._ready)
        self._ready.clear()
        return dropped

    def dispatch(self) -> None:
        """Give out what there is to consumers that are ready, in turn."""
        while self._ready and (consumer := self._next()) is not None:
            consumer.deliver(self, heapq.heappop(self._ready))

    def _next(self) -> QueueConsumer | None:
        for _ in range(len(self.consumers)):
            consumer = self.consumers[0]
            self.consumers.rotate(-1)
            if consumer.ready():
                return consumer
        return None
