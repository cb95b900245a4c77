"""The URL sink: journals every request and replies with the usual reply or a behaviour.

It uses h11 on a plain stream: resets and half replies need the connection itself, and requests are
kept exactly as they were on the wire.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import struct
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

import h11

from scicat_harness.sinks.arrival import URL
from scicat_harness.sinks.behaviour import (
    Behaviour,
    HalfClose,
    HttpAnswer,
    Late,
    Redirect,
    Reset,
    described,
)
from scicat_harness.sinks.bindings import Bindings
from scicat_harness.sinks.journal import Journal
from scicat_harness.sinks.paths import USUAL, behaviour_in, redirect_target

__all__ = ["UrlSink"]

_CHUNK = 65536
_LONGEST_HEAD = 1 << 20
_BODILESS = (204, 304)
"""Statuses of replies that have neither a body nor a Content-Length (RFC 9110)."""


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    target: str
    headers: list[list[str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class UrlSink:
    """One URL listener; ``source`` is its name in arrivals."""

    source: str
    journal: Journal
    bindings: Bindings
    stopping: asyncio.Event
    elsewhere: int = 0
    """The port of another listener, which redirects may lead to."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reply to the requests of one connection until either side ends it."""
        try:
            with contextlib.suppress(ConnectionError):
                await self._serve(reader, writer)
        except asyncio.CancelledError:
            return  # the sink is being closed
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST_HEAD)
        while True:
            try:
                call = await _read(connection, reader, writer)
            except h11.RemoteProtocolError as error:
                self._refuse(connection, writer, error)
                return
            if call is None:
                return
            await self._answer(call, connection, writer)
            await writer.drain()
            # After a half reply, a reset or "Connection: close" no request can follow.
            if connection.states != {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
                return
            connection.start_next_cycle()

    async def _answer(
        self, call: _Call, connection: h11.Connection, writer: asyncio.StreamWriter
    ) -> None:
        behaviour = self._behaviour(call)
        final = behaviour
        while isinstance(final, Late):
            final = final.then
        # Before the reply, so that the call is in the journal when the backend has answered.
        self.journal.add(
            URL,
            self.source,
            _content(call, _status(final)),
            also=[unquote(call.target)],
            behaviour=described(behaviour) if behaviour and behaviour != USUAL else None,
        )
        while isinstance(behaviour, Late):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), behaviour.seconds)
            behaviour = behaviour.then
        if isinstance(final, Redirect) and final.away:
            final = replace(final, to=f"http://{_host(call)}:{self.elsewhere}{final.to}")
        _act(final or USUAL, call, connection, writer)

    def _behaviour(self, call: _Call) -> Behaviour | None:
        in_path = behaviour_in(call.target)
        if in_path is not None:
            return in_path
        texts = [call.target, unquote(call.target)]
        return next(iter(self.bindings.matching(URL, self.source, texts)), None)

    def _refuse(
        self, connection: h11.Connection, writer: asyncio.StreamWriter, error: h11.ProtocolError
    ) -> None:
        # Journaled as well: a malformed request is an effect of the backend.
        content: dict[str, Any] = {
            "method": None,
            "path": None,
            "query": None,
            "headers": [],
            "body": str(error),
        }
        self.journal.add(URL, self.source, {**content, "status": 400})
        if connection.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            _send(connection, writer, HttpAnswer(400, str(error)))


async def _read(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> _Call | None:
    request: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            # A client with "Expect: 100-continue" sends its body only after this.
            if connection.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                writer.write(connection.send(go_on) or b"")
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            headers = [
                [name.decode("latin-1"), value.decode("latin-1")]
                for name, value in request.headers.raw_items()
            ]
            target = request.target.decode("latin-1")
            return _Call(request.method.decode("latin-1"), target, headers, bytes(body))
        else:
            return None


def _host(call: _Call) -> str:
    """Return the host that the caller knows the sink by, without the port."""
    named = next((value for name, value in call.headers if name.lower() == "host"), "")
    return named.rpartition(":")[0] or named


def _content(call: _Call, status: int | None) -> dict[str, Any]:
    path, _, query = call.target.partition("?")
    try:
        body = {"body": call.body.decode("utf-8")}
    except UnicodeDecodeError:
        body = {"body_base64": base64.b64encode(call.body).decode("ascii")}
    return {
        "method": call.method,
        "path": path,
        "query": query,
        "headers": call.headers,
        **body,
        "status": status,
    }


def _status(behaviour: Behaviour | None) -> int | None:
    if isinstance(behaviour, (HttpAnswer, Redirect)):
        return behaviour.status
    return USUAL.status if behaviour is None else None


def _act(
    behaviour: Behaviour, call: _Call, connection: h11.Connection, writer: asyncio.StreamWriter
) -> None:
    match behaviour:
        case HttpAnswer():
            _send(connection, writer, behaviour)
        case Redirect():
            where = redirect_target(behaviour, call.target)
            _send(connection, writer, HttpAnswer(behaviour.status, headers={"Location": where}))
        case HalfClose(body):
            _send_half(connection, writer, body.encode())
        case Reset():
            _reset(writer)


def _send(connection: h11.Connection, writer: asyncio.StreamWriter, answer: HttpAnswer) -> None:
    body = b"" if answer.status in _BODILESS else answer.body.encode()
    headers = list(answer.headers.items())
    if answer.status not in _BODILESS:
        headers.append(("Content-Length", str(len(body))))
    head = connection.send(h11.Response(status_code=answer.status, headers=headers)) or b""
    data = connection.send(h11.Data(data=body)) or b""
    end = connection.send(h11.EndOfMessage()) or b""
    # In one piece: head and body apart cost 40 ms by Nagle's algorithm and delayed ACK.
    writer.write(head + data + end)


def _send_half(connection: h11.Connection, writer: asyncio.StreamWriter, body: bytes) -> None:
    # The length of the whole body, so that the client sees that the rest is missing.
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    head = connection.send(h11.Response(status_code=200, headers=headers)) or b""
    writer.write(head + body[: len(body) // 2])


def _reset(writer: asyncio.StreamWriter) -> None:
    # Closing a socket that lingers for 0 seconds sends RST instead of FIN.
    connected = writer.get_extra_info("socket")
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
