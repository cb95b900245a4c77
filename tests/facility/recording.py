"""A recording proxy: hands every request on, and remembers what was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

__all__ = ["Asked", "recording"]

Asked = list[tuple[str, str]]
"""Methods and paths, in order."""
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding"})


@contextmanager
def recording(target: str) -> Iterator[tuple[str, Asked]]:
    """The address of a proxy before ``target``, and what it was asked."""
    asked: Asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def hand_on(self) -> None:
            asked.append((self.command, self.path.partition("?")[0]))
            length = int(self.headers.get("Content-Length") or 0)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in _OURS}
            reply = requests.request(
                self.command,
                target + self.path,
                headers=headers,
                data=self.rfile.read(length),
                timeout=10,
            )
            self.send_response(reply.status_code)
            self.send_header("Content-Type", reply.headers.get("Content-Type", "text/plain"))
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = hand_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="recording")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()
