"""The ASGI application: from a request to its answer, in the order of the real backend.

See specification: request.order. Body parsers, route, token guard, endpoint gate, handler.
"""

import traceback
from dataclasses import dataclass, field

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.failures import HttpFailure, crash, denial
from scicat_harness.embedded.replies import empty, failed
from scicat_harness.embedded.requests import JobRequest, parse_body
from scicat_harness.embedded.routes import Router

__all__ = ["Application"]


@dataclass(slots=True)
class Application:
    """Serves one backend."""

    backend: EmbeddedBackend
    router: Router = field(init=False)

    def __post_init__(self) -> None:
        self.router = Router.standard(self.backend.settings.swagger_path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            response = await self._answer(scope, receive)
        except HttpFailure as failure:
            response = failed(failure)
        except Exception as error:
            text = "".join(traceback.format_exception(error))
            self.backend.log.error("ExceptionsHandler", text)
            response = failed(crash())
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        if scope["method"] == "OPTIONS":
            return empty(204)
        headers = Headers(scope=scope)
        raw = await _read(receive, self.backend.settings.max_body)
        content_type = headers.get("content-type", "")
        body = parse_body(raw, content_type)
        raw_path = scope.get("raw_path") or scope["path"].encode()
        match = self.router.find(scope["method"], raw_path)
        if match is None:
            raise denial(404, f"Cannot {scope['method']} {_url(scope, raw_path)}")
        query = QueryParams(scope["query_string"])
        caller = self.backend.tokens.caller(headers.get("authorization"), query.get("access_token"))
        call = JobRequest(caller, query, body, content_type.strip(), match.id)
        if not match.route.gate(self.backend, call):
            raise denial(403, "Forbidden resource")
        return await match.route.handler(self.backend, call)


def _url(scope: Scope, raw_path: bytes) -> str:
    query: bytes = scope["query_string"]
    path = raw_path.partition(b"?")[0]
    return (path + (b"?" + query if query else b"")).decode("latin-1")


async def _read(receive: Receive, limit: int) -> bytes:
    """The whole body; raises 500 if it is larger than allowed (specification: request.body)."""
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    raw = b"".join(chunks)
    if len(raw) > limit:
        raise crash()
    return raw
