"""Frames: read from a stream of bytes, and written for methods and messages.

Layout of a frame: kind (1 byte), channel (2), size (4), payload, end mark (AMQP 0-9-1, 2.3.5).
``pamqp`` reads and writes methods. Those with the name of a queue or exchange are written here,
because it refuses names that RabbitMQ accepts, such as one with braces.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pamqp.frame
from pamqp import base, commands
from pamqp.exceptions import PAMQPException
from pamqp.header import ContentHeader

from scicat_harness.broker.embedded.faults import ConnectionFault

__all__ = [
    "BODY",
    "HEADER",
    "HEARTBEAT",
    "HEARTBEAT_FRAME",
    "METHOD",
    "Frame",
    "FrameReader",
    "Message",
    "content_frames",
    "declared",
    "delivered",
    "got",
    "method_frame",
    "read_header",
    "read_method",
    "returned",
]

# Kinds of frames and the end mark, from the constants of AMQP 0-9-1.
METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
_END = b"\xce"
_HEAD = struct.Struct(">BHI")
_OVERHEAD = _HEAD.size + 1
_SHORT_STRING = 255

HEARTBEAT_FRAME = _HEAD.pack(HEARTBEAT, 0, 0) + _END


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; ``raw`` is all of it, with head and end mark."""

    kind: int
    channel: int
    raw: bytes

    @property
    def payload(self) -> bytes:
        """The bytes between head and end mark."""
        return self.raw[_HEAD.size : -1]


@dataclass(frozen=True, slots=True)
class Message:
    """A published message.

    ``header`` is the payload of the header frame as the client sent it, so that no property is
    changed by decoding and encoding it.
    """

    exchange: str
    routing_key: str
    header: bytes
    body: bytes


class FrameReader:
    """Splits received bytes into frames of at most ``largest`` bytes."""

    def __init__(self, largest: int) -> None:
        self.largest = largest
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that are complete now; the rest is kept for the next call.

        Raises ConnectionFault 501 for a frame that is too large or has no end mark.
        """
        self._buffer += data
        start = 0
        try:
            while len(self._buffer) - start >= _HEAD.size:
                kind, channel, size = _HEAD.unpack_from(self._buffer, start)
                end = start + _OVERHEAD + size
                # By its head alone, before anything of a frame that is too large is kept.
                if size + _OVERHEAD > self.largest:
                    raise ConnectionFault(501, f"FRAME_ERROR - a frame of {size} bytes")
                if end > len(self._buffer):
                    break
                raw = bytes(self._buffer[start:end])
                if raw[-1:] != _END:
                    raise ConnectionFault(501, "FRAME_ERROR - a frame without end mark")
                start = end
                yield Frame(kind, channel, raw)
        finally:
            # Also when the caller stops early: frames it has got must not come again.
            del self._buffer[:start]


def read_method(frame: Frame) -> base.Frame:
    """Return the method of a method frame; raise ConnectionFault 502 if it is malformed."""
    try:
        _, _, method = pamqp.frame.unmarshal(frame.raw)
    except (PAMQPException, IndexError) as error:
        raise ConnectionFault(502, f"SYNTAX_ERROR - {error}") from None
    return cast(base.Frame, method)


def read_header(payload: bytes) -> ContentHeader:
    """Return the header of a message; raise ConnectionFault 502 if it is malformed."""
    header = ContentHeader()
    try:
        header.unmarshal(payload)
    except (struct.error, ValueError, IndexError) as error:
        raise ConnectionFault(502, f"SYNTAX_ERROR - {error}") from None
    return header


def method_frame(channel: int, method: base.Frame) -> bytes:
    """Return the frame of a method."""
    return pamqp.frame.marshal(method, channel)


def declared(channel: int, queue: str, messages: int, consumers: int) -> bytes:
    """Return the frame of ``queue.declare-ok``."""
    counts = struct.pack(">II", messages, consumers)
    return _named(channel, commands.Queue.DeclareOk, _short(queue) + counts)


def delivered(channel: int, consumer: str, tag: int, message: Message, *, again: bool) -> bytes:
    """Return the frame of ``basic.deliver``; ``again`` is true if it was delivered before.

    The content frames of the message must follow, as for ``got`` and ``returned``.
    """
    fields = _short(consumer) + struct.pack(">QB", tag, again) + _names(message)
    return _named(channel, commands.Basic.Deliver, fields)


def got(channel: int, tag: int, message: Message, remaining: int, *, again: bool) -> bytes:
    """Return the frame of ``basic.get-ok``; ``remaining`` is the number of messages left."""
    fields = struct.pack(">QB", tag, again) + _names(message) + struct.pack(">I", remaining)
    return _named(channel, commands.Basic.GetOk, fields)


def returned(channel: int, message: Message) -> bytes:
    """Return the frame of ``basic.return``, for a mandatory message without a route."""
    # 312 NO_ROUTE, as RabbitMQ replies.
    fields = struct.pack(">H", 312) + _short("NO_ROUTE") + _names(message)
    return _named(channel, commands.Basic.Return, fields)


def content_frames(channel: int, message: Message, largest: int) -> bytes:
    """Return header and body of a message in frames of at most ``largest`` bytes.

    An empty body has no body frame.
    """
    step = largest - _OVERHEAD
    body = message.body
    # The limit includes head and end mark of a frame.
    pieces = [body[start : start + step] for start in range(0, len(body), step)]
    frames = [_frame(HEADER, channel, message.header)]
    return b"".join(frames + [_frame(BODY, channel, piece) for piece in pieces])


def _names(message: Message) -> bytes:
    return _short(message.exchange) + _short(message.routing_key)


def _named(channel: int, method: type[base.Frame], fields: bytes) -> bytes:
    return _frame(METHOD, channel, struct.pack(">I", method.index) + fields)


def _frame(kind: int, channel: int, payload: bytes) -> bytes:
    return _HEAD.pack(kind, channel, len(payload)) + payload + _END


def _short(text: str) -> bytes:
    # A short string has one byte for its length.
    encoded = text.encode()[:_SHORT_STRING]
    return bytes((len(encoded),)) + encoded
