"""The control API over HTTP: read arrivals, wait for them, set behaviours and listeners.

Every reply is JSON. An error is ``{"error": text}``: 400 for a wrong request, 503 when a channel
was lost, so that its silence proves nothing. A wait in vain is answered 408 with what is missing.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from scicat_harness.errors import EnvironmentFault, HarnessError, UsageFault
from scicat_harness.sinks.arrival import CHANNELS, Arrival
from scicat_harness.sinks.behaviour import understood
from scicat_harness.sinks.hub import Hub
from scicat_harness.sinks.journal import Awaited
from scicat_harness.sinks.listeners import ListenerOrder

__all__ = ["control_app"]

LONGEST_WAIT = 300.0
"""The longest wait of one request, in seconds; longer ones are cut to it."""
_USUAL_LIFE = 60.0
# The methods of the collector that may be called by name; its others are none of the API.
AMQP_OPERATIONS = frozenset(
    {
        "bind",
        "check",
        "consume",
        "declare_exchange",
        "declare_queue",
        "trace",
        "delete",
        "durable",
        "own",
        "publish",
        "route",
    }
)


def control_app(hub: Hub) -> Starlette:
    """Return the ASGI application for one hub; docs/sinks.md describes its use by hand."""
    control = _Control(hub)
    return Starlette(
        routes=[
            Route("/health", control.health),
            Route("/arrivals", control.arrivals),
            Route("/stray", control.stray),
            Route("/await", control.wait_for_one),
            Route("/await_all", control.wait_for_all, methods=["POST"]),
            Route("/clients", control.client, methods=["POST"]),
            Route("/behaviours", control.bind, methods=["POST"]),
            Route("/behaviours/{handle:int}", control.unbind, methods=["DELETE"]),
            Route("/listeners", control.listen, methods=["POST"]),
            Route("/listeners/{name}", control.close_listener, methods=["DELETE"]),
            Route("/amqp/connect", control.connect, methods=["POST"]),
            Route("/amqp/{operation}", control.amqp, methods=["POST"]),
        ],
        exception_handlers={HarnessError: _failed},
    )


class _Json(JSONResponse):
    """JSON in ASCII: arrivals may hold halves of surrogate pairs, which UTF-8 cannot encode."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":")).encode("ascii")


class _Control:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def health(self, _request: Request) -> Response:
        hub = self._hub
        return _Json(
            {
                "lost": hub.journal.lost,
                "arrivals": len(hub.journal),
                "listeners": hub.listeners.names(),
                "behaviours": len(hub.bindings),
            }
        )

    async def arrivals(self, request: Request) -> Response:
        query = request.query_params
        await self._readable(request)
        if "first" in query or "last" in query:
            found = self._hub.journal.between(_needed(request, "first"), _needed(request, "last"))
        else:
            found = self._hub.journal.after(int(_number(query.get("after", "0"))))
        return _arrivals(found, request)

    async def stray(self, request: Request) -> Response:
        await self._readable(request)
        return _arrivals(self._hub.journal.stray(), request)

    async def wait_for_one(self, request: Request) -> Response:
        query = request.query_params
        # ``missing`` raises for lost channels by itself, also for one lost during the wait.
        awaited = Awaited(
            _needed(request, "correlation"),
            _channel(request),
            query.get("source"),
            int(_number(query.get("count", "1"))),
        )
        missing = await self._hub.missing([awaited], _timeout(_needed(request, "timeout")))
        found = [each.to_json() for each in self._hub.journal.taken(awaited)]
        return _Json({"arrivals": found}, 408 if missing else 200)

    async def wait_for_all(self, request: Request) -> Response:
        data = await _body(request)
        awaited = [Awaited.from_json(each) for each in data.get("awaited", ())]
        missing = await self._hub.missing(awaited, _timeout(data.get("timeout")))
        return _Json({"missing": [each.to_json() for each in missing]}, 408 if missing else 200)

    async def client(self, _request: Request) -> Response:
        return _Lifeline(self._hub)

    async def bind(self, request: Request) -> Response:
        data = await _body(request)
        handle = self._hub.bindings.add(
            str(data.get("match") or ""),
            understood(data.get("behaviour") or {}),
            seconds=_number(data.get("seconds", _USUAL_LIFE)),
            source=data.get("source"),
            client=data.get("client"),
        )
        return _Json({"handle": handle}, 201)

    async def unbind(self, request: Request) -> Response:
        removed = self._hub.bindings.remove(request.path_params["handle"])
        return _Json({"removed": removed})

    async def listen(self, request: Request) -> Response:
        order = ListenerOrder.from_json(await _body(request))
        return _Json((await self._hub.listeners.open(order)).to_json(), 201)

    async def close_listener(self, request: Request) -> Response:
        self._hub.listeners.close(request.path_params["name"])
        return _Json({})

    async def connect(self, request: Request) -> Response:
        await self._hub.connect(str((await _body(request)).get("url")))
        return _Json({})

    async def amqp(self, request: Request) -> Response:
        operation = request.path_params["operation"]
        if operation not in AMQP_OPERATIONS:
            known = ", ".join(sorted(AMQP_OPERATIONS))
            raise UsageFault(f"no AMQP operation is called {operation!r}; use one of {known}")
        call: Callable[..., Any] = getattr(self._hub.collector, operation)
        data = await _body(request)
        try:
            inspect.signature(call).bind(**data)
        except TypeError as error:
            raise UsageFault(f"AMQP operation {operation}: {error}") from None
        # In a thread: the collector waits for the broker, and the event loop must go on.
        return _Json({"result": await asyncio.to_thread(call, **data)})

    async def _readable(self, request: Request) -> None:
        """Return once the journal is complete; raise EnvironmentFault if a channel was lost."""
        self._hub.journal.demand(_channel(request))
        await self._hub.quiet()


class _Lifeline(Response):
    """Sends a client its name, then stays open; when it breaks, the client's behaviours end."""

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self._hub = hub

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        name = self._hub.new_client()
        headers = [(b"content-type", b"application/json")]
        line = json.dumps({"client": name}).encode() + b"\n"
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": line, "more_body": True})
        # ``stopping`` too: uvicorn waits for open responses before it ends.
        ends = [
            asyncio.ensure_future(_broken(receive)),
            asyncio.ensure_future(self._hub.stopping.wait()),
        ]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.bindings.forget_client(name)
            for end in ends:
                end.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _broken(receive: Receive) -> bool:
    while (await receive())["type"] != "http.disconnect":
        pass
    return True


def _arrivals(found: list[Arrival], request: Request) -> Response:
    channel, source = _channel(request), request.query_params.get("source")
    kept = [
        each.to_json()
        for each in found
        if channel in (None, each.channel) and source in (None, each.source)
    ]
    return _Json({"arrivals": kept})


def _channel(request: Request) -> str | None:
    channel = request.query_params.get("channel")
    if channel is not None and channel not in CHANNELS:
        raise UsageFault(f"channel {channel!r} is none of {', '.join(CHANNELS)}")
    return channel


def _needed(request: Request, name: str) -> str:
    value = request.query_params.get(name)
    if not value:
        raise UsageFault(f"{request.url.path} needs {name!r}")
    return value


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise UsageFault(f"{value!r} is not a number") from None


def _timeout(value: object) -> float:
    return min(_number(value), LONGEST_WAIT)


async def _body(request: Request) -> dict[str, Any]:
    try:
        data = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise UsageFault(f"the body is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise UsageFault("the body is not a JSON object")
    return data


async def _failed(_request: Request, error: Exception) -> Response:
    # The client raises the same text again, see ControlConnection.
    status = 503 if isinstance(error, EnvironmentFault) else 400
    return _Json({"error": str(error)}, status)
