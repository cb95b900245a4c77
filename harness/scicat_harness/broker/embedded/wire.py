"""Frames on the wire: cut out of a stream of bytes, and made of methods and messages.

Layout of a frame: kind (1 byte), channel (2), size (4), payload, end mark (AMQP 0-9-1, 2.3.5).
``pamqp`` reads and writes the methods. Those that carry the name of a queue or exchange are written
here, because it refuses names that RabbitMQ takes, such as one with braces.
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

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
_END = b"\xce"
_HEAD = struct.Struct(">BHI")
_OVERHEAD = _HEAD.size + 1
_SHORT_STRING = 255

HEARTBEAT_FRAME = _HEAD.pack(HEARTBEAT, 0, 0) + _END


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; ``raw`` is all of it."""

    kind: int
    channel: int
    raw: bytes

    @property
    def payload(self) -> bytes:
        """What is between head and end mark."""
        return self.raw[_HEAD.size : -1]


@dataclass(frozen=True, slots=True)
class Message:
    """A published message; its properties are kept as they came, so that none is changed."""

    exchange: str
    routing_key: str
    header: bytes
    body: bytes


class FrameReader:
    """Cuts frames out of what arrives; ``largest`` is the negotiated size of a frame."""

    def __init__(self, largest: int) -> None:
        self.largest = largest
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete now; raises ConnectionFault for what is none."""
        self._buffer += data
        start = 0
        try:
            while len(self._buffer) - start >= _HEAD.size:
                kind, channel, size = _HEAD.unpack_from(self._buffer, start)
                end = start + _OVERHEAD + size
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
            del self._buffer[:start]


def read_method(frame: Frame) -> base.Frame:
    """The method of a method frame; raises ConnectionFault."""
    try:
        _, _, method = pamqp.frame.unmarshal(frame.raw)
    except (PAMQPException, IndexError) as error:
        raise ConnectionFault(502, f"SYNTAX_ERROR - {error}") from None
    return cast(base.Frame, method)


def read_header(payload: bytes) -> ContentHeader:
    """The header of a message; raises ConnectionFault."""
    header = ContentHeader()
    try:
        header.unmarshal(payload)
    except (struct.error, ValueError, IndexError) as error:
        raise ConnectionFault(502, f"SYNTAX_ERROR - {error}") from None
    return header


def method_frame(channel: int, method: base.Frame) -> bytes:
    """A method as a frame."""
    return pamqp.frame.marshal(method, channel)


def declared(channel: int, queue: str, messages: int, consumers: int) -> bytes:
    """``queue.declare-ok``."""
    counts = struct.pack(">II", messages, consumers)
    return _named(channel, commands.Queue.DeclareOk, _short(queue) + counts)


def delivered(channel: int, consumer: str, tag: int, message: Message, *, again: bool) -> bytes:
    """``basic.deliver``, without the content; ``again`` when it was delivered before."""
    fields = _short(consumer) + struct.pack(">QB", tag, again) + _names(message)
    return _named(channel, commands.Basic.Deliver, fields)


def got(channel: int, tag: int, message: Message, remaining: int, *, again: bool) -> bytes:
    """``basic.get-ok``, without the content."""
    fields = struct.pack(">QB", tag, again) + _names(message) + struct.pack(">I", remaining)
    return _named(channel, commands.Basic.GetOk, fields)


def returned(channel: int, message: Message) -> bytes:
    """``basic.return`` of a mandatory message without a route, without the content."""
    fields = struct.pack(">H", 312) + _short("NO_ROUTE") + _names(message)
    return _named(channel, commands.Basic.Return, fields)


def content_frames(channel: int, message: Message, largest: int) -> bytes:
    """Header and body of a message, in frames of at most ``largest`` bytes."""
    step = largest - _OVERHEAD
    body = message.body
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
    encoded = text.encode()[:_SHORT_STRING]
    return bytes((len(encoded),)) + encoded
