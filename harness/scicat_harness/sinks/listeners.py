"""Listeners: the open mail and URL sinks, each with a name, requirements and a behaviour."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from scicat_harness.errors import UsageFault
from scicat_harness.sinks.address import Listener
from scicat_harness.sinks.arrival import EMAIL, URL
from scicat_harness.sinks.behaviour import Behaviour, channels_of, understood
from scicat_harness.sinks.bindings import Bindings
from scicat_harness.sinks.journal import Journal
from scicat_harness.sinks.mail import MailRules, Require
from scicat_harness.sinks.sockets import listening_socket
from scicat_harness.sinks.unfinished import Unfinished
from scicat_harness.sinks.url import UrlSink

__all__ = ["ELSEWHERE", "ListenerOrder", "Listeners"]

SMTP = "smtp"
_LAST_PORT = 65535
KINDS = {SMTP: EMAIL, URL: URL}
ELSEWHERE = "url-elsewhere"
"""The name of the URL listener that ``/redirect-away/`` leads to; it is opened first."""


@dataclass(frozen=True, slots=True)
class ListenerOrder:
    """A listener to open, of ``kind`` ``smtp`` or ``url``; without a name it gets one.

    ``username`` and ``password`` are those a login must give with ``Require.AUTH``. Raises
    UsageFault for an unknown kind, and for requirements or behaviours that the kind does not have.
    """

    kind: str
    name: str | None = None
    require: Require = Require.NONE
    behaviour: Behaviour | None = None
    """The behaviour for all of its requests or mails."""
    username: str = "sink"
    password: str = "sink"
    port: int = 0
    """A port that a socket which shares it holds for this listener; 0: a free one."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageFault(f"listener kind {self.kind!r} is none of {', '.join(KINDS)}")
        if not isinstance(self.port, int) or not 0 <= self.port <= _LAST_PORT:
            raise UsageFault(f"listener port {self.port!r} is none of 0 to {_LAST_PORT}")
        if self.kind == URL and self.require is not Require.NONE:
            raise UsageFault(f"a url listener cannot require {self.require}")
        if self.behaviour and KINDS[self.kind] not in channels_of(self.behaviour):
            name = type(self.behaviour).__name__
            raise UsageFault(f"behaviour {name} makes no sense for a {self.kind} listener")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ListenerOrder:
        """Return an order from plain data; raise UsageFault for wrong fields or values."""
        fields = dict(data)
        if fields.get("behaviour") is not None:
            fields["behaviour"] = understood(fields["behaviour"])
        fields["require"] = Require(fields.get("require") or "none")
        try:
            return cls(**fields)
        except TypeError as error:
            raise UsageFault(f"listener: {error}") from None


class Listeners:
    """The open listeners; they belong to the event loop."""

    def __init__(
        self, host: str, journal: Journal, bindings: Bindings, stopping: asyncio.Event
    ) -> None:
        self.unfinished = Unfinished()
        self._host = host
        self._journal = journal
        self._bindings = bindings
        self._stopping = stopping
        self._open: dict[str, tuple[Listener, asyncio.Server]] = {}
        self._opening: set[str] = set()
        # The port of the listener that redirects to another origin lead to.
        self._elsewhere = 0
        # The first ones are named "smtp" and "url"; the next "smtp-2".
        self._numbers = count(2)

    def names(self) -> list[str]:
        """Return the names of the open listeners."""
        return list(self._open)

    async def open(self, order: ListenerOrder) -> Listener:
        """Open a listener and return it.

        Raises UsageFault for a name in use, EnvironmentFault for a port that is taken.
        """
        name = order.name or f"{order.kind}-{next(self._numbers)}"
        if name in self._open or name in self._opening:
            raise UsageFault(f"a listener called {name!r} is open already")
        # Another order of the same name may come while this one is opened.
        self._opening.add(name)
        try:
            # Before it listens: the first connection must meet the behaviour.
            if order.behaviour is not None:
                self._bindings.add_for_listener(name, order.behaviour)
            listener, server = await (self._mail if order.kind == SMTP else self._url)(name, order)
        except BaseException:
            self._bindings.forget_source(name)
            raise
        finally:
            self._opening.discard(name)
        self._open[name] = (listener, server)
        return listener

    def close(self, name: str) -> None:
        """Stop listening; safe to call twice."""
        _, server = self._open.pop(name, (None, None))
        if server is not None:
            server.close()
            self._bindings.forget_source(name)

    def close_all(self) -> None:
        """Close all listeners."""
        for name in self.names():
            self.close(name)

    async def _url(self, name: str, order: ListenerOrder) -> tuple[Listener, asyncio.Server]:
        sock = listening_socket(self._host, order.port, held=bool(order.port))
        sink = UrlSink(name, self._journal, self._bindings, self._stopping, self._elsewhere)
        if name == ELSEWHERE:
            self._elsewhere = sock.getsockname()[1]
        server = await asyncio.start_server(sink.serve, sock=sock)
        return Listener(name, URL, self._host, sock.getsockname()[1]), server

    async def _mail(self, name: str, order: ListenerOrder) -> tuple[Listener, asyncio.Server]:
        from scicat_harness.sinks.smtp import smtp_protocol

        rules = MailRules(
            name,
            self._journal,
            self._bindings,
            self.unfinished,
            self._stopping,
            order.require,
            (order.username, order.password) if order.require is Require.AUTH else None,
        )
        tls = authority = None
        if order.require is Require.STARTTLS:
            from scicat_harness.sinks.certificate import make_certificate

            # In a thread: making keys would block the event loop.
            made = await asyncio.to_thread(make_certificate, self._host)
            tls, authority = made.context, made.authority
        sock = listening_socket(self._host, order.port, held=bool(order.port))
        factory = smtp_protocol(rules, tls=tls)
        server = await asyncio.get_running_loop().create_server(factory, sock=sock)
        return Listener(name, SMTP, self._host, sock.getsockname()[1], authority), server
