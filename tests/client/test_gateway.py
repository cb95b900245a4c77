"""What stands before a backend and answers in its place says nothing about SciCat."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scicat_harness.client.transport import HttpRequest, Transport
from scicat_harness.errors import EnvironmentFault

HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json; charset=utf-8"}
PAGE = "<!doctype html><title>Single sign-on</title>"
OTHERS = {
    "bad-gateway": (502, HTML, "<html>502 Bad Gateway nginx", "502 Bad Gateway nginx"),
    "bad-gateway-in-json": (502, JSON, '{"error":"no upstream"}', "no upstream"),
    "unavailable": (503, {}, "no healthy upstream", "no healthy upstream"),
    "timeout": (504, HTML, "<h1>Gateway Time-out</h1>", "Gateway Time-out"),
    "too-many": (429, JSON, '{"message":"API rate limit exceeded"}', "API rate limit exceeded"),
    "redirect": (302, {"Location": "https://login.example/?back=x"}, "", "https://login.example/"),
    "see-other": (303, {"Location": "/login"}, "", "a redirect to /login"),
    "login-page": (200, HTML, PAGE, "Single sign-on"),
    "forbidden-page": (403, HTML, "<html>blocked by WAF</html>", "blocked by WAF"),
    "proxy-login": (407, {}, "", "407"),
    "basic-login": (401, {"WWW-Authenticate": "Basic"}, "", "401"),
    "page-without-type": (200, {}, "<!DOCTYPE html><p>Maintenance", "Maintenance"),
    "maintenance": (200, {"Content-Type": "text/plain"}, "we are back soon", "back soon"),
    "firewall": (403, {"Content-Type": "text/plain"}, "Blocked by WAF", "Blocked by WAF"),
    "timeout-of-a-proxy": (408, {}, "", "408"),
    "closed-by-the-client": (499, {}, "", "499"),
    "cloud": (520, {}, "", "520"),
    "cut-json": (200, JSON, '[{"id":', '[{"id":'),
}
ITS_OWN = {
    "list": (200, JSON, "[]"),
    "refusal": (403, JSON, '{"message":"Forbidden resource","statusCode":403}'),
    "empty": (201, {}, ""),
    "null": (200, JSON, "null"),
    "remote-429": (
        429,
        JSON,
        '{"status":429,"message":"A remote URL call failed with response: "}',
    ),
    "remote-503": (
        503,
        JSON,
        '{"status":503,"message":"A remote URL call failed with response: "}',
    ),
    "crash": (500, JSON, '{"message":"Internal server error","statusCode":500}'),
}
Reply = tuple[int, Mapping[str, str], str]


@contextmanager
def answering(reply: Reply) -> Iterator[str]:
    """The address of a server that always answers so."""
    status, headers, body = reply

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Nothing of it matters."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, name="gateway")
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            serving.join(5)


@pytest.mark.parametrize(("status", "headers", "body", "words"), OTHERS.values(), ids=OTHERS)
def test_an_answer_of_something_else(
    status: int, headers: Mapping[str, str], body: str, words: str
) -> None:
    refused = pytest.raises(EnvironmentFault, match="not answered by the backend")
    with (
        answering((status, headers, body)) as url,
        closing(Transport(url, owned=False)) as made,
        refused as fault,
    ):
        made.send(HttpRequest("GET", "/api/v4/jobs", "user1"))
    assert words in str(fault.value)
    assert str(status) in str(fault.value)
    assert "as user1" in str(fault.value)


@pytest.mark.parametrize(("status", "headers", "body"), ITS_OWN.values(), ids=ITS_OWN)
def test_an_answer_of_the_backend(status: int, headers: Mapping[str, str], body: str) -> None:
    with answering((status, headers, body)) as url, closing(Transport(url, owned=False)) as made:
        assert made.send(HttpRequest("GET", "/api/v4/jobs")).status == status


@pytest.mark.parametrize(("status", "headers", "body", "words"), OTHERS.values(), ids=OTHERS)
def test_nothing_stands_before_a_backend_of_ours(
    status: int, headers: Mapping[str, str], body: str, words: str
) -> None:
    del words
    with answering((status, headers, body)) as url, closing(Transport(url)) as made:
        assert made.send(HttpRequest("GET", "/api/v4/jobs")).status == status
