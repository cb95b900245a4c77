"""HTTP with a deadline for the whole exchange: connection, request, reply head and body.

The time limit of requests holds for a single read, so that a server that sends one byte at a time
is waited for without end.
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
"""The part of a deadline that connecting to one address may take."""


class DeadlineAdapter(HTTPAdapter):
    """An adapter whose ``timeout`` is a number of seconds for everything together.

    It keeps one connection alive, sends nothing twice, and is not shared between threads.
    """

    def __init__(self) -> None:
        self.use: SocketUse | None = None
        self.given_up: list[socket.socket] = []
        """Of connections that were closed while a reply was still read from them."""
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = True,
        timeout: Any = None,
        *given: Any,
        **more: Any,
    ) -> requests.Response:
        """Send a request and read the whole reply, whatever ``stream`` says.

        Raises requests.Timeout when that takes longer.
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
            limits = (timeout * _CONNECTING, timeout)
            try:
                reply = super().send(request, True, limits, *given, **more)
                reply.content  # noqa: B018 - reads and keeps it
            except requests.RequestException:
                if use.expired:
                    raise requests.Timeout(f"no whole reply within {timeout:g} s") from None
                raise
            if use.expired:
                # A body that ends with its connection looks complete when that is shut.
                raise requests.Timeout(f"no whole reply within {timeout:g} s")
        return reply

    def close_given_up(self) -> None:
        """Let go of connections that nobody reads from any more."""
        while self.given_up:
            with suppress(OSError):
                self.given_up.pop().close()

    def get_connection_with_tls_context(self, *given: Any, **more: Any) -> Any:
        """A pool whose connections tell which socket they use."""
        pool: Any = super().get_connection_with_tls_context(*given, **more)
        kind = _Watched if pool.scheme == "http" else _WatchedTls
        pool.ConnectionCls = lambda **options: kind(self, **options)
        return pool


class _Watched(HTTPConnection):
    """A connection whose socket can be shut from outside, also while TLS is being agreed on."""

    def __init__(self, adapter: DeadlineAdapter, **options: Any) -> None:
        super().__init__(**options)
        self._adapter = adapter
        self._handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        self._forget()
        # A second descriptor of the same connection: TLS takes the first one over.
        self._handle = made.dup()
        self._use()
        return made

    def request(self, *given: Any, **more: Any) -> None:
        """Send a request."""
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
    """The same over TLS."""


def cut_requests() -> None:
    """End every request that is under way in this process, as if its time were over."""
    _WATCH.expire_all()


def innermost(error: BaseException) -> str:
    """The innermost reason of a failure, which is the one a person can act on.

    A message that quotes a header value is left out: the value may be a token.
    """
    seen: BaseException = error
    while (inner := seen.__cause__ or seen.__context__) is not None:
        seen = inner
    text = str(seen)
    return type(seen).__name__ if not text or "header value" in text else text
