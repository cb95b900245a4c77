"""An HTTP protocol for uvicorn that sends head and body of a response in one write.

uvicorn writes them one after the other. A client that waits for both would pay for two system
calls and, with Nagle's algorithm, for a delayed acknowledgement.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["OneWriteProtocol"]


class _GatheringTransport(asyncio.Transport):
    """A transport that collects writes until the next iteration of the event loop."""

    def __init__(self, inner: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._inner = inner
        self._loop = loop
        self._chunks: list[Any] = []

    def write(self, data: Any) -> None:
        # One flush per batch: uvicorn writes head and body within the same iteration.
        if not self._chunks:
            self._loop.call_soon(self._flush)
        self._chunks.append(data)

    def _flush(self) -> None:
        chunks, self._chunks = self._chunks, []
        # The client may have gone in the meantime; asyncio would log every write after that.
        if chunks and not self._inner.is_closing():
            self._inner.write(b"".join(chunks))

    def close(self) -> None:
        # The scheduled flush may not have run yet.
        self._flush()
        self._inner.close()

    def abort(self) -> None:
        self._inner.abort()

    def is_closing(self) -> bool:
        return self._inner.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._inner.get_extra_info(name, default)

    def get_write_buffer_size(self) -> int:
        return self._inner.get_write_buffer_size()

    def pause_reading(self) -> None:
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        self._inner.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._inner.set_protocol(protocol)


class OneWriteProtocol(H11Protocol):
    """uvicorn's HTTP protocol on a transport that collects writes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection and wrap its transport."""
        super().connection_made(_GatheringTransport(transport, asyncio.get_running_loop()))
