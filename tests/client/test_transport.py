"""The transport: deadlines, refused connections, and what is sent, on real sockets."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import HttpRequest, Transport
from scicat_harness.errors import EnvironmentFault

from ..stubs import TOKEN

REPLY = b"HTTP/1.1 201 Created\r\nContent-Length: 10\r\nContent-Type: application/json\r\n\r\n"


def listening() -> socket.socket:
    """A socket that accepts connections and never answers."""
    return socket.create_server(("127.0.0.1", 0))


def address(server: socket.socket) -> str:
    """Its base URL."""
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def whole_request(connection: socket.socket) -> bytes:
    """Head and body of one request; they may come in pieces."""
    received = b""
    while True:
        received += connection.recv(65536)
        head, blank, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if blank and len(body) >= int(length[1] if length else 0):
            return received


@contextmanager
def answering(requests: list[bytes], count: int = 1) -> Iterator[str]:
    """A server that answers that many requests on one connection; what it was sent is kept."""
    with closing(listening()) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                for _ in range(count):
                    requests.append(whole_request(connection))
                    connection.sendall(REPLY + b'{"id":"1"}')

        thread = threading.Thread(target=serve, name="answering")
        thread.start()
        try:
            yield address(server)
        finally:
            thread.join(5)


@contextmanager
def transport(url: str, deadline: float = 5.0) -> Iterator[Transport]:
    """A transport that is closed after use."""
    with closing(Transport(url, deadline=deadline)) as made:
        yield made


def test_a_backend_that_never_answers_is_an_environment_fault() -> None:
    with closing(listening()) as server, transport(address(server), 0.2) as made:
        with pytest.raises(EnvironmentFault, match=r"within 0\.2 s") as fault:
            made.send(HttpRequest("GET", "/api/v3/health"))
        assert "GET /api/v3/health" in str(fault.value)
        assert made.sent == 0


def test_a_refused_connection_is_an_environment_fault_with_a_fix() -> None:
    with closing(listening()) as server:
        url = address(server)
    refused = pytest.raises(EnvironmentFault, match="Check that the backend is running")
    with transport(url) as made, refused as fault:
        made.send(HttpRequest("GET", "/api/v3/health", token=TOKEN))
    assert url in str(fault.value)
    assert "refused" in str(fault.value)
    assert TOKEN not in str(fault.value)


def test_a_connection_that_is_cut_is_an_environment_fault() -> None:
    with closing(listening()) as server, transport(address(server)) as made:
        cut = threading.Thread(target=lambda: server.accept()[0].close(), name="cut")
        cut.start()
        with pytest.raises(EnvironmentFault, match="no reply from"):
            made.send(HttpRequest("GET", "/api/v3/health"))
        cut.join(5)


class Listener:
    """Keeps the calls that it sees."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.heard: list[Exchange] = []

    def asking(self, call: HttpRequest) -> None:
        self.asked.append(call.path)

    def answered(self, call: HttpRequest, exchange: Exchange) -> None:
        assert call.path in exchange.url
        self.heard.append(exchange)


def test_a_reply_is_read_whole_and_passed_to_the_observer() -> None:
    sent: list[bytes] = []
    seen = Listener()
    with answering(sent) as url, closing(Transport(url, observer=seen)) as made:
        found = made.send(
            HttpRequest(
                "POST", "/api/v4/jobs", "user1", TOKEN, body='{"type":"ä"}', correlation="run-1"
            )
        )
    assert (found.status, found.json, found.correlation) == (201, {"id": "1"}, "run-1")
    assert (seen.asked, seen.heard) == (["/api/v4/jobs"], [found])
    assert f"Authorization: Bearer {TOKEN}".encode() in sent[0]
    assert b"Content-Type: application/json" in sent[0]
    assert sent[0].endswith('{"type":"ä"}'.encode())


def test_without_token_and_body_no_such_headers_are_sent() -> None:
    sent: list[bytes] = []
    with answering(sent) as url, transport(url) as made:
        made.send(HttpRequest("GET", "/api/v4/jobs", params={"filter": '{"where":{}}'}))
    assert b"Authorization" not in sent[0]
    assert b"Content-Type" not in sent[0]
    assert sent[0].startswith(b"GET /api/v4/jobs?filter=%7B%22where%22%3A%7B%7D%7D ")


def test_one_connection_serves_consecutive_requests() -> None:
    sent: list[bytes] = []
    with answering(sent, count=2) as url, transport(url) as made:
        made.send(HttpRequest("GET", "/one"))
        made.send(HttpRequest("GET", "/two"))
        assert made.sent == 2
    assert [each.split()[1] for each in sent] == [b"/one", b"/two"]


def test_a_token_is_not_in_the_repr_of_a_call() -> None:
    assert TOKEN not in repr(HttpRequest("GET", "/", token=TOKEN))


def test_closing_twice_is_closing_once() -> None:
    made = Transport("http://127.0.0.1:1")
    made.close()
    made.close()
