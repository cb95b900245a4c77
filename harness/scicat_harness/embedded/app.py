"""The ASGI application: one request and its reply, checked in the order of the real backend.

See specification: request.order. Body parser, route, token, endpoint authorization, handler.
"""

import traceback
from dataclasses import dataclass, field

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.beside.doors import Incoming
from scicat_harness.embedded.beside.seams import caller_of, entered, left, presented
from scicat_harness.embedded.failures import HttpFailure, crash, denial
from scicat_harness.embedded.replies import failed, preflight
from scicat_harness.embedded.requests import JobRequest, parse_body
from scicat_harness.embedded.routes import Router

__all__ = ["Application"]


@dataclass(slots=True)
class Application:
    """The ASGI application of one backend.

    An HttpFailure of a handler becomes its reply. Any other exception is logged with its traceback
    and becomes 500, shape D (specification: reply).
    """

    backend: EmbeddedBackend
    router: Router = field(init=False)

    def __post_init__(self) -> None:
        self.router = Router.standard(self.backend.settings.swagger_path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; ignore any other scope."""
        if scope["type"] != "http":
            return
        try:
            response = await self._reply(scope, receive)
        except HttpFailure as failure:
            response = failed(failure)
        except Exception as error:
            text = "".join(traceback.format_exception(error))
            self.backend.log.error("ExceptionsHandler", text)
            response = failed(crash())
        await response(scope, receive, send)

    async def _reply(self, scope: Scope, receive: Receive) -> Response:
        # A CORS preflight carries no token, so it is answered before anything is checked.
        if scope["method"] == "OPTIONS":
            return preflight(Headers(scope=scope))
        headers = Headers(scope=scope)
        raw = await _read(receive, self.backend.settings.max_body)
        content_type = headers.get("content-type", "")
        # Before the route and the token: a malformed body is 400 even for an unknown path.
        body = parse_body(raw, content_type)
        # In the decoded path of ASGI an encoded slash, as in a pid, looks like a separator.
        raw_path = scope.get("raw_path") or scope["path"].encode()
        incoming = entered(
            self.backend, Incoming(scope["method"], raw_path, headers, body, scope["query_string"])
        )
        match = self.router.find(incoming.method, incoming.path)
        if match is None:
            raise denial(404, f"Cannot {scope['method']} {_url(scope, raw_path)}")
        query = QueryParams(scope["query_string"])
        authorization = presented(self.backend, headers, query)
        caller = self.backend.tokens.caller(authorization, query.get("access_token"))
        call = JobRequest(caller, query, incoming.body, content_type.strip(), match.id)
        with caller_of(authorization) as token:
            try:
                if not match.route.gate(self.backend, call):
                    raise denial(403, "Forbidden resource")
                response = await match.route.handler(self.backend, call)
            except HttpFailure as failure:
                response = failed(failure)
        return left(self.backend, incoming, call, token, response)


def _url(scope: Scope, raw_path: bytes) -> str:
    query: bytes = scope["query_string"]
    path = raw_path.partition(b"?")[0]
    return (path + (b"?" + query if query else b"")).decode("latin-1")


async def _read(receive: Receive, limit: int) -> bytes:
    """Return the whole body; raise 500 if it exceeds the limit (specification: request.body)."""
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    # Checked at the end: a reply to a client that still writes may be lost with the connection.
    raw = b"".join(chunks)
    if len(raw) > limit:
        raise crash()
    return raw
