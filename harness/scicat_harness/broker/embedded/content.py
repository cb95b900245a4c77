"""A message while it is published: the method, then its header, then its body in pieces."""

from __future__ import annotations

from pamqp import commands

from scicat_harness.broker.embedded.faults import (
    not_implemented,
    precondition_failed,
    unexpected_frame,
)
from scicat_harness.broker.embedded.wire import BODY, HEADER, Frame, Message, read_header

__all__ = ["MessageContent"]

_MOST_BYTES = 128 * 1024 * 1024
"""The default of RabbitMQ 3.10 (max_message_size)."""
_SENDER_ROUTES = ("CC", "BCC")
"""Headers with further routing keys, an extension of RabbitMQ (sender-selected distribution)."""


class MessageContent:
    """Collects the frames that follow ``basic.publish`` until the message is complete."""

    def __init__(self, method: commands.Basic.Publish) -> None:
        self.method = method
        self.complete = False
        self._header: bytes | None = None
        self._pieces: list[bytes] = []
        self._missing = 0

    def take(self, frame: Frame) -> None:
        """Add a frame; raise a fault when it is not the one that must follow.

        The header must come first, and then body frames of exactly the announced size.
        """
        if self._header is None:
            self._take_header(frame)
            return
        if frame.kind != BODY:
            raise unexpected_frame("expected content body, got something else")
        self._pieces.append(frame.payload)
        self._missing -= len(frame.payload)
        if self._missing < 0:
            raise unexpected_frame("more content than was announced")
        self.complete = self._missing == 0

    def message(self, user: str) -> Message:
        """Return the complete message.

        Raises ChannelFault 406 when its property ``user_id`` names another user than ``user``.
        """
        assert self._header is not None
        claimed = read_header(self._header).properties.user_id
        if claimed and claimed != user:
            raise precondition_failed(
                f"user_id property set to '{claimed}' but authenticated user was '{user}'"
            )
        return Message(
            self.method.exchange,
            self.method.routing_key or "",
            self._header,
            b"".join(self._pieces),
        )

    def _take_header(self, frame: Frame) -> None:
        if frame.kind != HEADER:
            raise unexpected_frame("expected content header, got something else")
        # These change whether and where a message arrives; to ignore them would be a silent error.
        header = read_header(frame.payload)
        if header.properties.expiration:
            raise not_implemented("messages with an expiration")
        if any(name in (header.properties.headers or {}) for name in _SENDER_ROUTES):
            raise not_implemented("messages with CC or BCC headers")
        # Refused by the announced size, before any of the body is kept in memory.
        if header.body_size > _MOST_BYTES:
            raise precondition_failed(
                f"message size {header.body_size} is larger than configured max size {_MOST_BYTES}"
            )
        self._header = frame.payload
        self._missing = header.body_size
        self.complete = self._missing == 0
