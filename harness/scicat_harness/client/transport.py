"""The transport: one keep-alive connection to a backend, with a deadline for each exchange.

The only module that uses the requests library for the backend. A failure to get a reply at all is
an EnvironmentFault: it says nothing about SciCat. So is the reply of a gateway before a backend
that we did not start.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

import requests
from requests.structures import CaseInsensitiveDict

from scicat_harness.adapter import DeadlineAdapter, innermost
from scicat_harness.client.gateway import refuse_gateway
from scicat_harness.client.transcript import Exchange
from scicat_harness.config.tls import USUAL_TLS, Tls
from scicat_harness.errors import EnvironmentFault

__all__ = ["USUAL_DEADLINE", "ConnectionEnded", "HttpRequest", "Observer", "Transport"]

USUAL_DEADLINE = 30.0
"""Seconds for one request and its whole reply."""

# Seconds; Node closes a connection after five idle ones, and a POST must not be sent twice.
_IDLE_LIMIT = 4.0


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request: ``path`` starts with a slash and is quoted; ``body`` is sent as it is.

    ``identity`` and ``correlation`` are for transcripts and messages; they are not sent.
    """

    method: str
    path: str
    identity: str = "anonymous"
    token: str | None = field(default=None, repr=False)
    body: str | None = None
    content_type: str = "application/json"
    params: Mapping[str, str] | None = None
    correlation: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Further headers; they replace those that the client sets by itself."""


class Observer(Protocol):
    """Sees every call, before it is sent and with its reply, such as ``probe.made.MadeList``."""

    def asking(self, call: HttpRequest) -> None:
        """Note a call that is about to be sent."""

    def answered(self, call: HttpRequest, exchange: Exchange) -> None:
        """Note the whole reply of a call; not called where none came."""


class ConnectionEnded(EnvironmentFault):
    """The connection was refused, reset or closed instead of a reply."""

    def __init__(self, text: str, exchange: Exchange) -> None:
        super().__init__(text)
        self.exchange = exchange
        """The request; its status is 0."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request on its way."""

    call: HttpRequest
    url: str
    headers: dict[str, str]
    started: float
    at: float

    def exchange(
        self, status: int, text: str, headers: Mapping[str, str] | None = None
    ) -> Exchange:
        """Return the exchange with this reply."""
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
            headers={name.lower(): value for name, value in (headers or {}).items()},
        )


class Transport:
    """Sends calls to ``base_url`` over one connection; not shared between threads.

    ``deadline`` is the time for a request and its whole reply, ``pace`` the least time from one
    call to the next, both in seconds. ``owned``: we started the backend, so that nothing but the
    backend itself answers there.
    """

    def __init__(
        self,
        base_url: str,
        *,
        deadline: float = USUAL_DEADLINE,
        pace: float = 0.0,
        owned: bool = True,
        tls: Tls = USUAL_TLS,
        observer: Observer | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.deadline = deadline
        self.sent = 0
        self.last: Exchange | None = None
        """The newest exchange, for error messages."""
        self._pace = pace
        self._owned = owned
        self._tls = tls
        self._pause = threading.Event()
        self._observer = observer
        self._adapter = DeadlineAdapter()
        self._last_use = time.monotonic()

    def send(self, call: HttpRequest) -> Exchange:
        """Send a call and read the whole reply.

        Raises ConnectionEnded when the connection was refused or broke, and EnvironmentFault for
        everything else than a whole reply of the backend within the deadline.
        """
        headers = self._headers(call)
        prepared = self._prepare(call, headers)
        self._drop_idle_connection()
        self._keep_pace()
        if self._observer is not None:
            self._observer.asking(call)
        sent = _Sent(call, prepared.url or call.path, headers, time.monotonic(), time.time())
        reply = self._answer(call, prepared, sent)
        self._last_use = time.monotonic()
        self.sent += 1
        text = reply.content.decode("utf-8", "replace")
        exchange = sent.exchange(reply.status_code, text, reply.headers)
        self.last = exchange
        # The observer sees every reply, also one that is then refused as that of a gateway.
        if self._observer is not None:
            self._observer.answered(call, exchange)
        if not self._owned:
            refuse_gateway(exchange, reply.headers)
        return exchange

    def _answer(
        self, call: HttpRequest, prepared: requests.PreparedRequest, sent: _Sent
    ) -> requests.Response:
        try:
            # The adapter itself: no cookies, redirects, proxies or hooks are wanted here, and
            # they cost as much as the sending.
            return self._adapter.send(
                prepared,
                timeout=self.deadline,
                verify=self._tls.ca_bundle or True,
                cert=self._tls.client_cert,
            )
        except requests.Timeout:
            # A late reply must not be taken for that of the next call.
            self._fresh_connection()
            raise EnvironmentFault(
                f"{call.method} {call.path}: no whole reply from {self.base_url} "
                f"within {self.deadline:g} s"
            ) from None
        except requests.exceptions.SSLError as error:
            raise EnvironmentFault(
                f"{call.method} {call.path}: {self.base_url} cannot be reached by TLS "
                f"({innermost(error)}). If an authority of your own signed its certificate, pass "
                "that authority with --ca-bundle FILE (or REQUESTS_CA_BUNDLE)"
            ) from None
        except requests.RequestException as error:
            raise ConnectionEnded(
                f"{call.method} {call.path}: no reply from {self.base_url} ({innermost(error)}). "
                "Check that the backend is running and that this is its address",
                sent.exchange(0, innermost(error)),
            ) from None

    def close(self) -> None:
        """Close the connection; safe to call twice."""
        self._adapter.close()

    @staticmethod
    def _url(base_url: str, call: HttpRequest) -> str:
        return (
            f"{base_url}{call.path}?{urlencode(call.params)}"
            if call.params
            else (base_url + call.path)
        )

    def _prepare(self, call: HttpRequest, headers: dict[str, str]) -> requests.PreparedRequest:
        """Return a prepared request; the caller has quoted the path and encoded the body."""
        # By hand: ``prepare()`` of requests would normalize the URL.
        prepared = requests.PreparedRequest()
        prepared.method = call.method
        prepared.url = self._url(self.base_url, call)
        prepared.headers = CaseInsensitiveDict(headers)
        prepared.body = call.body.encode() if call.body is not None else None
        length = len(prepared.body) if isinstance(prepared.body, bytes) else 0
        # RFC 9110: a POST or PATCH without a body should state a length of 0.
        if call.body is not None or call.method in ("POST", "PATCH"):
            prepared.headers["Content-Length"] = str(length)
        return prepared

    def _headers(self, call: HttpRequest) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if call.token is not None:
            headers["Authorization"] = f"Bearer {call.token}"
        if call.body is not None:
            headers["Content-Type"] = call.content_type
        return {**headers, **call.headers}

    def _keep_pace(self) -> None:
        early = self._last_use + self._pace - time.monotonic()
        if self._pace and self.sent and early > 0:
            self._pause.wait(early)

    def _drop_idle_connection(self) -> None:
        if time.monotonic() - self._last_use > _IDLE_LIMIT:
            self._fresh_connection()

    def _fresh_connection(self) -> None:
        self._adapter.close()
        self._adapter = DeadlineAdapter()
