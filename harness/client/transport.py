"""Transport: one keep-alive connection to a backend, with a deadline on everything.

The only module that speaks to the backend through requests. A failure to get a reply at all is
an EnvironmentFault: it says nothing about SciCat.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from harness.client.transcript import Exchange
from harness.errors import EnvironmentFault

__all__ = ["Call", "Transport"]

_IDLE_LIMIT = 4.0
"""Seconds; Node closes a connection after five idle ones, and a POST must not be sent twice."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: ``path`` starts with a slash; ``body`` is sent as it is."""

    method: str
    path: str
    identity: str = "anonymous"
    token: str | None = field(default=None, repr=False)
    body: str | None = None
    content_type: str = "application/json"
    params: Mapping[str, str] | None = None
    correlation: str | None = None


class ConnectionEnded(EnvironmentFault):
    """The connection was refused, reset or closed instead of a reply."""

    def __init__(self, text: str, exchange: Exchange) -> None:
        super().__init__(text)
        self.exchange = exchange
        """What was sent; its status is 0."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request on its way."""

    call: Call
    url: str
    headers: dict[str, str]
    started: float
    at: float

    def exchange(self, status: int, text: str) -> Exchange:
        """The exchange it turned out to be."""
        call = self.call
        return Exchange(
            method=call.method,
            url=self.url,
            identity=call.identity,
            request_body=call.body,
            request_headers=self.headers,
            status=status,
            text=text,
            seconds=time.monotonic() - self.started,
            correlation=call.correlation,
            at=self.at,
        )


class Transport:
    """Sends calls to ``base_url``; not shared between threads. ``deadline`` is in seconds.

    ``pace`` is the least time from one call to the next, in seconds.
    """

    def __init__(
        self,
        base_url: str,
        *,
        deadline: float = 30.0,
        pace: float = 0.0,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.deadline = deadline
        self.sent = 0
        self._pace = pace
        self._pause = threading.Event()
        self._on_exchange = on_exchange
        self._adapter = _fresh_adapter()
        self._last_use = time.monotonic()

    def send(self, call: Call) -> Exchange:
        """Send a call and read the whole reply."""
        headers = self._headers(call)
        prepared = self._prepare(call, headers)
        self._drop_idle_connection()
        self._keep_pace()
        sent = _Sent(call, prepared.url or call.path, headers, time.monotonic(), time.time())
        try:
            # The adapter itself: no cookies, redirects, proxies or hooks are wanted here, and
            # they cost as much as the sending.
            reply = self._adapter.send(prepared, timeout=self.deadline)
            content = reply.content
        except requests.Timeout:
            raise EnvironmentFault(
                f"{call.method} {call.path}: no reply from {self.base_url} "
                f"within {self.deadline:g} s"
            ) from None
        except requests.RequestException as error:
            raise ConnectionEnded(
                f"{call.method} {call.path}: no reply from {self.base_url} ({_cause(error)}); "
                "is the backend running, and is this its address?",
                sent.exchange(0, _cause(error)),
            ) from None
        self._last_use = time.monotonic()
        self.sent += 1
        exchange = sent.exchange(reply.status_code, content.decode("utf-8", "replace"))
        if self._on_exchange is not None:
            self._on_exchange(exchange)
        return exchange

    def close(self) -> None:
        """Close the connection; safe to call twice."""
        self._adapter.close()

    @staticmethod
    def _url(base_url: str, call: Call) -> str:
        return (
            f"{base_url}{call.path}?{urlencode(call.params)}"
            if call.params
            else (base_url + call.path)
        )

    def _prepare(self, call: Call, headers: dict[str, str]) -> requests.PreparedRequest:
        """A prepared request; paths are quoted and bodies encoded by who made the call."""
        prepared = requests.PreparedRequest()
        prepared.method = call.method
        prepared.url = self._url(self.base_url, call)
        prepared.headers = CaseInsensitiveDict(headers)
        prepared.body = call.body.encode() if call.body is not None else None
        length = len(prepared.body) if isinstance(prepared.body, bytes) else 0
        if call.body is not None or call.method in ("POST", "PATCH"):
            prepared.headers["Content-Length"] = str(length)
        return prepared

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if call.token is not None:
            headers["Authorization"] = f"Bearer {call.token}"
        if call.body is not None:
            headers["Content-Type"] = call.content_type
        return headers

    def _keep_pace(self) -> None:
        early = self._last_use + self._pace - time.monotonic()
        if self._pace and self.sent and early > 0:
            self._pause.wait(early)

    def _drop_idle_connection(self) -> None:
        if time.monotonic() - self._last_use > _IDLE_LIMIT:
            self._adapter.close()
            self._adapter = _fresh_adapter()


def _fresh_adapter() -> HTTPAdapter:
    """One connection, kept alive; nothing is ever sent twice."""
    return HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0)


def _cause(error: BaseException) -> str:
    """The innermost reason, which is the one a person can act on."""
    seen: BaseException = error
    while (inner := seen.__cause__ or seen.__context__) is not None:
        seen = inner
    return str(seen) or type(seen).__name__
