"""A TCP proxy between a backend and its broker that fails on request."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["FaultProxy", "ProxyMode"]

_PIECE = 65536
_NO_LINGER = struct.pack("ii", 1, 0)
"""SO_LINGER on, with 0 seconds: closing the socket sends RST instead of FIN."""


class ProxyMode(StrEnum):
    """The treatment of connections and data by a proxy."""

    PASS = "pass"
    REFUSE = "refuse"
    """New connections are reset at once."""
    BLACKHOLE = "blackhole"
    """New connections are accepted, and nothing is forwarded in either direction of any."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Both ends of one connection through the proxy; compared by identity, as a set member."""

    client: asyncio.StreamWriter
    target: asyncio.StreamWriter

    def reset(self) -> None:
        """End both with a TCP reset."""
        for each in (self.client, self.target):
            _reset(each)


class FaultProxy:
    """Forwards connections to a target, a host and a port, in the running event loop."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._mode = ProxyMode.PASS
        self._open = asyncio.Event()
        self._open.set()
        self._pairs: set[_Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, listener: socket.socket) -> None:
        """Begin to accept connections on a listening socket."""
        self.port = listener.getsockname()[1]
        self._server = await asyncio.start_server(self._accepted, sock=listener)

    def change(self, mode: ProxyMode) -> None:
        """Set the mode; open connections are kept."""
        self._mode = mode
        if mode is ProxyMode.BLACKHOLE:
            self._open.clear()
        else:
            self._open.set()

    def cut(self) -> int:
        """Reset every connection on both sides; return their number."""
        pairs = list(self._pairs)
        for pair in pairs:
            pair.reset()
        return len(pairs)

    def target_ports(self) -> list[int]:
        """Return the local ports of its connections to the target, which sees them as peers."""
        return sorted(each.target.get_extra_info("sockname")[1] for each in self._pairs)

    def close(self) -> None:
        """Stop listening and end every connection; safe to call twice."""
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()

    async def _accepted(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._mode is ProxyMode.REFUSE:
            _reset(client)
            return
        try:
            await self._forward(reader, client)
        except (OSError, asyncio.CancelledError):
            _reset(client)

    async def _forward(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        # In a black hole the target is not even connected.
        await self._open.wait()
        answers, target = await asyncio.open_connection(*self._target)
        pair = _Pair(client, target)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._pump(reader, target), self._pump(answers, client))
        except (OSError, asyncio.CancelledError):
            pair.reset()
        finally:
            self._pairs.discard(pair)
            for each in (client, target):
                each.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_PIECE):
            await self._open.wait()
            writer.write(data)
            await writer.drain()
        # The end of one direction is forwarded, too; the other one may go on.
        await self._open.wait()
        if writer.can_write_eof():
            writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    if not writer.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()
