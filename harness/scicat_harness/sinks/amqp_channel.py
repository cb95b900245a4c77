"""A channel for one command: the broker closes a channel on every error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import ChannelClosedByBroker

from scicat_harness.errors import EnvironmentFault

__all__ = ["refusals", "throwaway_channel"]


@contextmanager
def throwaway_channel(
    connection: BlockingConnection, purpose: str, where: str
) -> Iterator[BlockingChannel]:
    """Yield a channel; raise EnvironmentFault with the purpose when the broker closes it.

    ``where`` is the address of the broker, for the message.
    """
    channel = connection.channel()
    try:
        with refusals(purpose, where):
            yield channel
    finally:
        if channel.is_open:
            channel.close()


@contextmanager
def refusals(purpose: str, where: str) -> Iterator[None]:
    """Raise EnvironmentFault with the purpose when the broker closes a channel."""
    try:
        yield
    except ChannelClosedByBroker as closed:
        raise EnvironmentFault(
            f"the AMQP broker at {where} refused to {purpose}: "
            f"{closed.reply_code} {closed.reply_text}"
        ) from None
