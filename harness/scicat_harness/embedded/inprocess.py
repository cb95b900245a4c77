"""A client that calls the ASGI application directly, without a socket.

For tests of the embedded backend itself. The application is the real one; only the web server
around it is missing.
"""

import asyncio
import json
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from starlette.types import Message

from scicat_harness.embedded.app import Application
from scicat_harness.embedded.backend import EmbeddedBackend

__all__ = ["InProcess", "InprocessReply"]


@dataclass(frozen=True, slots=True)
class InprocessReply:
    """A reply: its status, the parsed JSON body (None if empty), the raw text, and the headers."""

    status: int
    json: Any
    text: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class InProcess:
    """A client of one backend; use it as a context manager.

    Example::

        with InProcess(EmbeddedBackend.boot({})) as client:
            assert client.ask("GET", "/api/v3/health").status == 200
    """

    backend: EmbeddedBackend
    _application: Application = field(init=False)
    # One loop for all requests: tasks of the backend may outlive the request that started them.
    _loop: asyncio.AbstractEventLoop = field(init=False, default_factory=asyncio.new_event_loop)

    def __post_init__(self) -> None:
        self._application = Application(self.backend)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.close()

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> InprocessReply:
        """Send one request and return its reply.

        A body of type bytes is sent unchanged, None as no body, anything else as JSON. The content
        type is ``application/json`` unless ``headers`` has another or there is no body.
        """
        raw = body if isinstance(body, bytes) else b"" if body is None else _encoded(body)
        sent = {} if body is None else {"content-type": "application/json"}
        sent |= headers or {}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(query or {}).encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        }
        messages = self._loop.run_until_complete(self._exchange(scope, raw))
        text = b"".join(message.get("body", b"") for message in messages).decode()
        pairs = [(name.decode(), value.decode()) for name, value in messages[0]["headers"]]
        parsed = json.loads(text) if text else None
        return InprocessReply(messages[0]["status"], parsed, text, tuple(pairs))

    async def _exchange(self, scope: dict[str, Any], raw: bytes) -> list[Message]:
        messages: list[Message] = []

        async def receive() -> Message:
            # The whole body at once; the application joins chunks either way.
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await self._application(scope, receive, send)
        return messages


def _encoded(body: object) -> bytes:
    return json.dumps(body).encode()
