"""HTTP with one deadline for the whole exchange: connection, request, reply head and body.

The ``timeout`` of requests limits a single read: a server that sends one byte at a time never
exceeds it. ``DeadlineAdapter`` limits the sum.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from scicat_harness.deadline import SocketUse, SocketWatch

__all__ = ["DeadlineAdapter", "cut_requests", "innermost"]

_WATCH = SocketWatch()
_CONNECTING = 1 / 3
"""The part of a deadline that connecting to one address may take.

urllib3 tries the addresses of a host in turn; a silent one must leave time for the next.
"""


class DeadlineAdapter(HTTPAdapter):
    """A requests adapter whose ``timeout`` limits the whole exchange, in seconds.

    It keeps one connection alive, never retries, and is not shared between threads::

        with closing(DeadlineAdapter()) as adapter:
            reply = adapter.send(request.prepare(), timeout=2.0)
    """

    def __init__(self) -> None:
        self.use: SocketUse | None = None
        self.given_up: list[socket.socket] = []
        """Sockets of connections that were closed while a reply was still being read."""
        # A retry would send a request twice, and a POST that is repeated stores two jobs.
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = True,
        timeout: Any = None,
        *given: Any,
        **more: Any,
    ) -> requests.Response:
        """Send a request and read the whole reply; ``stream`` is ignored.

        Raises requests.Timeout when the reply is not complete within ``timeout`` seconds, and
        other RequestExceptions as requests does.
        """
        del stream
        try:
            return self._send(request, timeout, given, more)
        finally:
            self.use = None
            self.close_given_up()

    def close(self) -> None:
        """Close the connection; safe to call twice."""
        super().close()
        self.close_given_up()

    def _send(
        self,
        request: requests.PreparedRequest,
        timeout: float,
        given: tuple[Any, ...],
        more: dict[str, Any],
    ) -> requests.Response:
        with _WATCH.using(timeout) as use:
            self.use = use
            # For connecting and for a single read, as requests takes them.
            limits = (timeout * _CONNECTING, timeout)
            try:
                reply = super().send(request, True, limits, *given, **more)
                reply.content  # noqa: B018 - reads and keeps it
            except requests.RequestException:
                # The watch shuts the socket; requests reports that as a broken connection.
                if use.expired:
                    raise requests.Timeout(f"no whole reply within {timeout:g} s") from None
                raise
            if use.expired:
                # A body that ends with its connection looks complete when that is shut.
                raise requests.Timeout(f"no whole reply within {timeout:g} s")
        return reply

    def close_given_up(self) -> None:
        """Close the sockets in ``given_up``."""
        while self.given_up:
            with suppress(OSError):
                self.given_up.pop().close()

    def get_connection_with_tls_context(self, *given: Any, **more: Any) -> Any:
        """Return a connection pool whose connections report their sockets to this adapter."""
        pool: Any = super().get_connection_with_tls_context(*given, **more)
        # requests offers no hook for the connection class; urllib3 reads it from the pool.
        kind = _Watched if pool.scheme == "http" else _WatchedTls
        pool.ConnectionCls = lambda **options: kind(self, **options)
        return pool


class _Watched(HTTPConnection):
    """A connection whose socket another thread can shut, also during the TLS handshake."""

    def __init__(self, adapter: DeadlineAdapter, **options: Any) -> None:
        super().__init__(**options)
        self._adapter = adapter
        self._handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        self._forget()
        # A second descriptor of the same socket: wrapping in TLS detaches the first one.
        self._handle = made.dup()
        self._use()
        return made

    def request(self, *given: Any, **more: Any) -> None:
        """Send a request."""
        # A kept-alive connection makes no new socket: the new use must get the old one.
        self._use()
        super().request(*given, **more)

    def close(self) -> None:
        """Close it; safe to call twice."""
        super().close()
        self._forget()

    def _use(self) -> None:
        if self._adapter.use is not None:
            self._adapter.use.take(self._handle)

    def _forget(self) -> None:
        # A reply without a length is read to its end after its connection was closed.
        handle, self._handle = self._handle, None
        if handle is not None:
            self._adapter.given_up.append(handle)
            if self._adapter.use is None:
                self._adapter.close_given_up()


class _WatchedTls(_Watched, HTTPSConnection):
    """The same connection over TLS."""


def cut_requests() -> None:
    """End every request that is under way in this process, as if its deadline had passed.

    The threads that wait for them get requests.Timeout at once. Used when one of several backends
    that are prepared side by side fails: the others need not wait for their replies.
    """
    _WATCH.expire_all()


def innermost(error: BaseException) -> str:
    """Return the message of the innermost cause of an error, or its type if it has no message.

    The outer messages of requests and urllib3 repeat the address; the innermost one names the
    reason, such as "Connection refused". A message that quotes a header value is replaced by its
    type: the value may be a token.
    """
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    text = str(cause)
    return type(cause).__name__ if not text or "header value" in text else text
