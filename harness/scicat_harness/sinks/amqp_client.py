"""The AMQP part of the client: bind, consume, and prepare queues for failure scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scicat_harness.sinks.connection import ControlConnection

__all__ = ["AmqpSink", "QueueState"]

_CONNECT_DEADLINE = 15.0


@dataclass(frozen=True, slots=True)
class QueueState:
    """The numbers of messages and of consumers of a queue, as the broker reports them."""

    messages: int
    consumers: int


class AmqpSink:
    """The collector in the sinks, over the control API; call ``connect`` first.

    Methods raise EnvironmentFault when the sinks or the broker do not answer or refuse::

        sinks.amqp.connect(broker.url)
        sinks.amqp.bind("jobs.write", "jobqueue")
    """

    def __init__(self, control: ControlConnection) -> None:
        self._control = control

    def connect(self, url: str) -> None:
        """Collect from this broker instead of the one before, whose loss is forgotten.

        Raises EnvironmentFault when the broker cannot be reached or refuses the login.
        """
        self._control.post("/amqp/connect", {"url": url}, waits=_CONNECT_DEADLINE)

    def bind(self, exchange: str, key: str = "#", *, passive: bool = False) -> None:
        """Journal the messages that are published to an exchange, with source ``exchange``.

        The exchange is declared as the backend does it; with ``passive`` it must exist already.
        """
        self._do("bind", exchange=exchange, key=key, passive=passive)

    def own(self) -> str | None:
        """Return the name of the queue that ``bind`` binds; None before the first call of it."""
        name: str | None = self._do("own")
        return name

    def route(self, queue: str, exchange: str, key: str) -> None:
        """Bind a queue of the backend to an exchange with a key; both must exist."""
        self._do("route", queue=queue, exchange=exchange, key=key)

    def trace(self) -> bool:
        """Journal messages to exchanges that ``bind`` was not called for, with source ``trace``.

        Return False where the broker does not trace. Use it on a broker of our own alone.
        """
        traces: bool = self._do("trace")
        return traces

    def consume(self, queue: str) -> None:
        """Journal the messages of a queue, which must exist, with its name as source."""
        self._do("consume", queue=queue)

    def check(self, queue: str) -> QueueState | None:
        """Return the state of a queue; None if there is no such queue."""
        state: Mapping[str, int] | None = self._do("check", queue=queue)
        return None if state is None else QueueState(**state)

    def durable(self, queue: str) -> bool | None:
        """Return whether a queue survives a restart of the broker; None if there is none."""
        durable: bool | None = self._do("durable", queue=queue)
        return durable

    def publish(self, exchange: str, key: str, body: str) -> None:
        """Publish one persistent message as a backend does; the broker has it on return."""
        self._do("publish", exchange=exchange, key=key, body=body)

    def declare_queue(
        self,
        queue: str,
        *,
        durable: bool = True,
        exclusive: bool = False,
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        """Declare a queue, for example one that a backend cannot use.

        ``exclusive`` reserves it for the connection of the sinks. The embedded broker refuses most
        ``arguments``.
        """
        self._do(
            "declare_queue",
            queue=queue,
            durable=durable,
            exclusive=exclusive,
            arguments=dict(arguments or {}),
        )

    def declare_exchange(self, exchange: str, *, kind: str = "topic", durable: bool = True) -> None:
        """Declare an exchange, for example one that a backend cannot use."""
        self._do("declare_exchange", exchange=exchange, kind=kind, durable=durable)

    def delete(
        self, prefix: str, *, queues: Sequence[str] = (), exchanges: Sequence[str] = ()
    ) -> None:
        """Delete queues and exchanges; a name that does not begin with ``prefix`` is refused."""
        self._do("delete", prefix=prefix, queues=list(queues), exchanges=list(exchanges))

    def _do(self, operation: str, **values: object) -> Any:
        _, data = self._control.post(f"/amqp/{operation}", values)
        return data["result"]
