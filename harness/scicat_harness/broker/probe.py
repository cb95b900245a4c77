"""Probe a broker by using it: connect, declare, publish, get."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import (
    AMQPError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.deadline import within
from scicat_harness.errors import DeadlineExceeded, EnvironmentFault

__all__ = ["BrokerNames", "LoginRefused", "NotUsable", "forget", "use"]

_CONNECT_SECONDS = 5.0
_USE_SECONDS = 15.0
"""The deadline of all steps together, connecting included."""

# pika logs every failed attempt with a traceback; the errors raised here have the reason.
logging.getLogger("pika").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class BrokerNames:
    """The queues and exchanges that backends of a run declare."""

    queues: tuple[str, ...] = ()
    exchanges: tuple[str, ...] = ()


class NotUsable(EnvironmentFault):
    """The broker does not answer, or does not answer as a broker."""


class LoginRefused(NotUsable):
    """The broker refuses the login of this user, or its access to the virtual host."""


def use(address: BrokerAddress) -> None:
    """Send one message through a temporary queue and read it back.

    Raises LoginRefused when the broker refuses the user, NotUsable when anything else fails or
    takes more than 15 s. A broker that accepts connections may not be able to do more yet.
    """
    try:
        # pika's timeouts limit single steps; a broker that falls silent later is waited for.
        body = within(_USE_SECONDS, str(address), lambda: _used(address))
    except DeadlineExceeded as error:
        raise NotUsable(str(error)) from None
    if body != b"ready":
        raise NotUsable(f"the message b'ready' was read back as {body!r}")


def _used(address: BrokerAddress) -> bytes | None:
    try:
        with pika.BlockingConnection(_parameters(address)) as connection:
            channel = connection.channel()
            queue = channel.queue_declare("", exclusive=True).method.queue
            channel.basic_publish("", queue, b"ready")
            body: bytes | None = channel.basic_get(queue, auto_ack=True)[2]
            return body
    except (ProbableAuthenticationError, ProbableAccessDeniedError) as error:
        raise LoginRefused(_reason(error)) from None
    except (AMQPError, AMQPConnectorException, OSError) as error:
        raise NotUsable(_reason(error)) from None


def forget(address: BrokerAddress, names: BrokerNames, prefix: str) -> None:
    """Delete queues and exchanges whose names begin with ``prefix``; others are left alone.

    Raises NotUsable when the broker fails, DeadlineExceeded after 15 s. A queue or exchange that
    does not exist is no error.
    """
    within(_USE_SECONDS, str(address), lambda: _forget(address, names, prefix))


def _forget(address: BrokerAddress, names: BrokerNames, prefix: str) -> None:
    try:
        with pika.BlockingConnection(_parameters(address)) as connection:
            channel = connection.channel()
            for queue in names.queues:
                if prefix and queue.startswith(prefix):
                    channel.queue_delete(queue)
            for exchange in names.exchanges:
                if prefix and exchange.startswith(prefix):
                    channel.exchange_delete(exchange)
    except (AMQPError, AMQPConnectorException, OSError) as error:
        raise NotUsable(_reason(error)) from None


def _parameters(address: BrokerAddress) -> pika.ConnectionParameters:
    return pika.ConnectionParameters(
        host=address.host,
        port=address.port,
        credentials=pika.PlainCredentials(address.user, address.password),
        connection_attempts=1,
        socket_timeout=_CONNECT_SECONDS,
        stack_timeout=_CONNECT_SECONDS,
        blocked_connection_timeout=_CONNECT_SECONDS,
        # The connection is too short for heartbeats.
        heartbeat=0,
        client_properties={"connection_name": "scicat-harness probe"},
    )


def _reason(error: Exception) -> str:
    """Return type and text of the last error that pika wrapped, which names the cause."""
    found: object = error
    for attribute in ("exceptions", "exception"):
        found = getattr(found, attribute, None) or found
        found = found[-1] if isinstance(found, list | tuple) else found
    return f"{type(found).__name__}: {found}".strip(": ")
