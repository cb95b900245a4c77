"""Connections: handshake, heartbeats, channels by number, and the ways in which one ends.

The handshake (AMQP 0-9-1, 2.2.4) is start, tune and open; ``_State`` follows it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from enum import Enum, auto
from typing import cast

from pamqp import base, commands

from scicat_harness.broker.embedded import handshake
from scicat_harness.broker.embedded.channel import AmqpChannel
from scicat_harness.broker.embedded.faults import (
    ChannelFault,
    ConnectionFault,
    not_allowed,
    unexpected_frame,
)
from scicat_harness.broker.embedded.methods import perform
from scicat_harness.broker.embedded.vhost import VirtualHost
from scicat_harness.broker.embedded.wire import (
    HEARTBEAT,
    HEARTBEAT_FRAME,
    METHOD,
    Frame,
    FrameReader,
    method_frame,
    read_method,
)

__all__ = ["Connection"]

_LOG = logging.getLogger(__name__)
_PATIENCE = 5.0
"""Seconds that a client has for the handshake, and to confirm that we close."""
_NO_LINGER = struct.pack("ii", 1, 0)
"""SO_LINGER on, with 0 seconds: closing the socket sends RST instead of FIN."""


class _State(Enum):
    PROTOCOL = auto()
    START = auto()
    TUNE = auto()
    OPEN = auto()
    RUNNING = auto()
    CLOSING = auto()
    GONE = auto()


class Connection(asyncio.Protocol):
    """The connection of one client; ``ended`` is called with it once it is lost.

    ``name`` is the client's ``connection_name``, or else its product, once it has logged in;
    ``port`` is the TCP port of its end.
    """

    def __init__(
        self,
        vhost: VirtualHost,
        account: handshake.Credentials,
        ended: Callable[[Connection], None],
    ) -> None:
        self.vhost = vhost
        self.user = account.user
        self.largest_frame = handshake.FRAME_MAX
        self.consumer_cancel_notify = False
        self.congested = False
        self.name = ""
        self.port = 0
        self._account = account
        self._ended = ended
        self._state = _State.PROTOCOL
        self._reader = FrameReader(handshake.FRAME_MAX)
        self._head = b""
        self._channels: dict[int, AmqpChannel] = {}
        self._out: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._heard = self._loop.time()

    @property
    def running(self) -> bool:
        """True if the handshake is over and neither side has closed the connection."""
        return self._state is _State.RUNNING

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with a client that has connected; it has 5 s for the first step."""
        self._transport = cast(asyncio.Transport, transport)
        self.port = transport.get_extra_info("peername")[1]
        self._after(_PATIENCE, self.reset)

    def data_received(self, data: bytes) -> None:
        """Handle received bytes, frame by frame; close the connection for a fault in them."""
        self._heard = self._loop.time()
        if self._state is _State.PROTOCOL:
            data = self._greet(data)
        cause: base.Frame | None = None
        try:
            for frame in self._reader.feed(data):
                # Kept for the reply to a fault, which names the method that caused it.
                cause = read_method(frame) if frame.kind == METHOD else None
                self._take(frame, cause)
        except ConnectionFault as fault:
            self.close(fault.code, fault.text, cause.index if cause is not None else 0)

    def pause_writing(self) -> None:
        """Deliver no messages for now: the client reads too slowly."""
        self.congested = True

    def resume_writing(self) -> None:
        """Deliver messages again: the client has caught up."""
        self.congested = False
        for channel in list(self._channels.values()):
            for subscription in list(channel.subscriptions.values()):
                subscription.queue.dispatch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Requeue the client's unacknowledged messages, and remove its exclusive queues."""
        self._log(f"ended ({exc})" if exc else "ended")
        self._release()
        self._state = _State.GONE
        self._ended(self)

    def write(self, data: bytes) -> None:
        """Send frames; all of one step of the event loop leave in one piece."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(data)

    def close(self, code: int, text: str, cause: int = 0) -> None:
        """Send ``connection.close``, and reset the connection unless it is confirmed within 5 s.

        ``cause`` is the index of the method that caused a fault (class << 16 | method), 0 for
        none.
        """
        if self._state in (_State.CLOSING, _State.GONE):
            return
        self._log(f"closed: {code} {text}")
        self.write(
            method_frame(
                0, commands.Connection.Close(code, text[:255], cause >> 16, cause & 0xFFFF)
            )
        )
        self._release()
        self._state = _State.CLOSING
        self._after(_PATIENCE, self.reset)

    def reset(self) -> None:
        """End it by a TCP reset, without ``connection.close``."""
        self._transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER
        )
        self._transport.abort()

    def _greet(self, data: bytes) -> bytes:
        # The header of 8 bytes may arrive in pieces.
        self._head += data
        if len(self._head) < len(handshake.PROTOCOL):
            return b""
        size = len(handshake.PROTOCOL)
        asked, rest = self._head[:size], self._head[size:]
        if asked != handshake.PROTOCOL:
            # The reply to another protocol or version is the supported one (4.2.2).
            self._log(f"asked for the protocol {asked!r}")
            self._transport.write(handshake.PROTOCOL)
            self._transport.close()
            self._state = _State.CLOSING
            return b""
        self._state = _State.START
        self.write(method_frame(0, handshake.start()))
        return rest

    def _take(self, frame: Frame, method: base.Frame | None) -> None:
        if frame.kind == HEARTBEAT or self._state is _State.GONE:
            return
        if frame.channel == 0:
            if method is None:
                raise unexpected_frame("content on channel 0")
            self._control(method)
        elif self._state is _State.RUNNING:
            self._pass_on(frame, method)
        elif self._state is not _State.CLOSING:
            raise unexpected_frame("a channel before the connection was open")

    def _control(self, method: base.Frame) -> None:
        """Handle a method on channel 0; the order of cases matters."""
        match self._state, method:
            case _, commands.Connection.CloseOk():
                self._finish()
            case _, commands.Connection.Close():
                self.write(method_frame(0, commands.Connection.CloseOk()))
                self._release()
                self._finish()
            case _State.CLOSING, _:
                pass  # the client may not have read our close yet
            case _State.START, commands.Connection.StartOk():
                self._log_in(method)
            case _State.TUNE, commands.Connection.TuneOk():
                self._tune(method)
            case _State.OPEN, commands.Connection.Open():
                handshake.check_vhost(method.virtual_host)
                self.write(method_frame(0, commands.Connection.OpenOk()))
                self._state = _State.RUNNING
                self._log(f"opened by {self.name}")
            case _:
                raise ConnectionFault(503, f"COMMAND_INVALID - {method.name} at this point")

    def _log_in(self, method: commands.Connection.StartOk) -> None:
        properties = method.client_properties
        name = properties.get("connection_name") or properties.get("product") or "?"
        self.name = str(name)
        self.consumer_cancel_notify = handshake.capability(properties, "consumer_cancel_notify")
        self._account.check(method)
        self._state = _State.TUNE
        self.write(method_frame(0, handshake.tune()))

    def _tune(self, method: commands.Connection.TuneOk) -> None:
        # 0 means no limit of the client's (connection.tune-ok).
        self.largest_frame = min(method.frame_max or handshake.FRAME_MAX, handshake.FRAME_MAX)
        self._state = _State.OPEN
        if self._timer is not None:
            self._timer.cancel()
        # Two heartbeats per interval; 0 turns them off.
        if method.heartbeat:
            seconds = float(method.heartbeat)
            self._timer = self._loop.call_later(seconds / 2, self._beat, seconds)

    def _pass_on(self, frame: Frame, method: base.Frame | None) -> None:
        channel = self._channels.get(frame.channel)
        if channel is None:
            self._open_channel(frame.channel, method)
        elif isinstance(method, commands.Channel.CloseOk):
            del self._channels[frame.channel]
        elif isinstance(method, commands.Channel.Close):
            channel.release()
            channel.send(commands.Channel.CloseOk())
            del self._channels[frame.channel]
        # A client may send more before it reads our channel.close; all of that is ignored.
        elif not channel.closing:
            self._perform(channel, frame, method)

    def _perform(self, channel: AmqpChannel, frame: Frame, method: base.Frame | None) -> None:
        # A content frame has no method of its own; it belongs to basic.publish.
        cause = method or commands.Basic.Publish()
        try:
            if channel.content_of is not None:
                channel.publish(frame)
            elif method is None:
                raise unexpected_frame("content without a method")
            elif isinstance(method, commands.Channel.Open):
                raise ConnectionFault(504, "CHANNEL_ERROR - second 'channel.open' seen")
            else:
                perform(channel, method)
        except ChannelFault as fault:
            self._log(f"channel {channel.number} closed: {fault.code} {fault.text}")
            channel.fail(fault, cause)

    def _open_channel(self, number: int, method: base.Frame | None) -> None:
        if not isinstance(method, commands.Channel.Open):
            raise ConnectionFault(504, "CHANNEL_ERROR - expected 'channel.open'")
        if number > handshake.CHANNEL_MAX:
            raise not_allowed(f"number of channels opened ({number}) has reached the maximum")
        channel = self._channels[number] = AmqpChannel(number, self)
        channel.send(commands.Channel.OpenOk())

    def _finish(self) -> None:
        self._state = _State.CLOSING
        # The last reply is still queued, and is not sent after close.
        self._flush()
        self._transport.close()

    def _release(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        channels, self._channels = self._channels, {}
        for channel in channels.values():
            channel.release()
        self.vhost.forget(self)

    def _flush(self) -> None:
        data, self._out = b"".join(self._out), []
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def _beat(self, seconds: float) -> None:
        if self._loop.time() - self._heard > 2 * seconds:
            # Any data counts; a peer is lost after two intervals without (AMQP 0-9-1, 4.2.7).
            self._log(f"missed heartbeats of {seconds:g} s")
            self.reset()
            return
        self.write(HEARTBEAT_FRAME)
        self._timer = self._loop.call_later(seconds / 2, self._beat, seconds)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        # One timer at a time: for the handshake, for heartbeats, or for the end.
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, action)

    def _log(self, what: str) -> None:
        _LOG.info("connection from port %d: %s", self.port, what)
