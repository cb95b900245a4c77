"""The AMQP side of the client: binding, consuming, and what failure scenarios prepare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scicat_harness.sinks.connection import ControlConnection

__all__ = ["AmqpSink", "QueueState"]

_CONNECT_DEADLINE = 15.0


@dataclass(frozen=True, slots=True)
class QueueState:
    """What the broker says of a queue."""

    messages: int
    consumers: int


class AmqpSink:
    """The collector in the sinks; ``connect`` comes first."""

    def __init__(self, control: ControlConnection) -> None:
        self._control = control

    def connect(self, url: str) -> None:
        """Collect from this broker, instead of the one before; a lost connection is forgotten."""
        self._control.post("/amqp/connect", {"url": url}, waits=_CONNECT_DEADLINE)

    def bind(self, exchange: str, key: str = "#", *, passive: bool = False) -> None:
        """Journal what is published to an exchange, as source ``exchange``.

        The exchange is declared as the backend does it, or, when ``passive``, must be there.
        """
        self._do("bind", exchange=exchange, key=key, passive=passive)

    def consume(self, queue: str) -> None:
        """Journal what a queue gets, with its name as source; the queue must be there."""
        self._do("consume", queue=queue)

    def check(self, queue: str) -> QueueState | None:
        """The state of a queue; None when there is none of this name."""
        state: Mapping[str, int] | None = self._do("check", queue=queue)
        return None if state is None else QueueState(**state)

    def durable(self, queue: str) -> bool | None:
        """Whether a queue survives a restart of the broker; None when there is none."""
        durable: bool | None = self._do("durable", queue=queue)
        return durable

    def publish(self, exchange: str, key: str, body: str) -> None:
        """Publish one persistent message, as a backend would; it is with the broker on return."""
        self._do("publish", exchange=exchange, key=key, body=body)

    def declare_queue(
        self,
        queue: str,
        *,
        durable: bool = True,
        exclusive: bool = False,
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a queue, for instance one that a backend cannot use.

        ``exclusive`` keeps it for the sinks' own connection; not every broker takes ``arguments``.
        """
        self._do(
            "declare_queue",
            queue=queue,
            durable=durable,
            exclusive=exclusive,
            arguments=dict(arguments or {}),
        )

    def declare_exchange(self, exchange: str, *, kind: str = "topic", durable: bool = True) -> None:
        """Make an exchange, for instance one that a backend cannot use."""
        self._do("declare_exchange", exchange=exchange, kind=kind, durable=durable)

    def delete(
        self, prefix: str, *, queues: Sequence[str] = (), exchanges: Sequence[str] = ()
    ) -> None:
        """Delete what is ours: a name that does not begin with ``prefix`` is refused."""
        self._do("delete", prefix=prefix, queues=list(queues), exchanges=list(exchanges))

    def _do(self, operation: str, **values: object) -> Any:
        _, data = self._control.post(f"/amqp/{operation}", values)
        return data["result"]
