"""The URL sink, over plain HTTP and with a client that follows redirects."""

from __future__ import annotations

import json
import socket
import time
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from scicat_harness.errors import EnvironmentFault
from scicat_harness.sinks.arrival import Arrival
from scicat_harness.sinks.behaviour import (
    Behaviour,
    HalfClose,
    HttpAnswer,
    Late,
    Redirect,
    RefuseData,
    Reset,
)
from scicat_harness.sinks.client import Sinks
from tests.sinks.wire import call


def statuses(sinks: Sinks, token: str) -> list[int | None]:
    """What the calls of a request were answered, in order."""
    return [arrival.content["status"] for arrival in sinks.between(token, token)]


def only(sinks: Sinks, token: str) -> Arrival:
    """The one arrival of a request."""
    (arrival,) = sinks.between(token, token)
    return arrival


def test_a_call_is_kept_as_it_was_on_the_wire(sinks: Sinks, token: str) -> None:
    target = f"/a%2520b/{token}?q=%C3%A9&r=1"
    headers = {"X-Header": "v", "Content-Type": "text/plain", "Authorization": "Bearer secret"}
    body = '{"é": 1}'.encode()
    reply = call(sinks.address.url, target, method="PUT", body=body, headers=headers)
    assert (reply.status, json.loads(reply.body)) == (200, {"received": True})
    arrival = only(sinks, token)
    assert (arrival.channel, arrival.source, arrival.behaviour) == ("url", "url", None)
    content = arrival.content
    assert (content["method"], content["status"]) == ("PUT", 200)
    assert (content["path"], content["query"]) == (f"/a%2520b/{token}", "q=%C3%A9&r=1")
    assert content["body"] == '{"é": 1}'
    assert ["X-Header", "v"] in content["headers"]
    assert ["Authorization", "Bearer secret"] in content["headers"]


def test_secrets_are_not_written_to_the_file(sinks: Sinks, token: str, folder: Path) -> None:
    headers = {"Authorization": "Bearer secret-1", "Cookie": "secret-2", "X-Kept": "kept"}
    call(sinks.address.url, f"/{token}", headers=headers)
    text = (folder / "journal.jsonl").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if token in line]
    assert "secret" not in line
    assert ["X-Kept", "kept"] in json.loads(line)["content"]["headers"]
    assert ["Cookie", "secret-2"] in only(sinks, token).content["headers"]


@pytest.mark.parametrize(
    "target", ["/x?y=TOKEN", "/%68%61rness-0123abcd-main-9999999/TOKEN", "/a b".replace(" ", "+")]
)
def test_tokens_are_found_wherever_they_are(sinks: Sinks, token: str, target: str) -> None:
    body = token.encode() if "TOKEN" not in target else None
    call(sinks.address.url, target.replace("TOKEN", token), method="POST", body=body)
    before = sinks.after(0, channel="url")
    assert token in before[-1].tokens
    if "%68" in target:
        assert before[-1].tokens == (token, "harness-0123abcd-main-9999999")


def test_a_body_that_is_no_text(sinks: Sinks, token: str) -> None:
    call(sinks.address.url, f"/{token}", method="POST", body=b"\xff\xfe")
    content = only(sinks, token).content
    assert (content["body_base64"], "body" in content) == ("//4=", False)


def test_one_connection_serves_many_calls(sinks: Sinks, token: str) -> None:
    connection = HTTPConnection(urlsplit(sinks.address.url).netloc, timeout=10)
    begun = time.perf_counter()
    for number in range(50):
        connection.request("POST", f"/{token}/{number}", b"x")
        assert connection.getresponse().read()
    assert time.perf_counter() - begun < 1.5
    connection.close()
    assert statuses(sinks, token) == [200] * 50


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/status/503", 503, ""),
        ("/status/404/body/not%20here", 404, "not here"),
        ("/status/304", 304, ""),
        ("/body/h%C3%A9", 200, "hé"),
        ("/status/abc", 200, '{"received":true}'),
        ("/status/999", 200, '{"received":true}'),
        ("/late/1/status/418", 418, ""),
    ],
)
def test_an_answer_written_in_the_path(
    sinks: Sinks, token: str, path: str, status: int, body: str
) -> None:
    reply = call(sinks.address.url, f"{path}/{token}")
    assert (reply.status, reply.body) == (status, body)
    assert statuses(sinks, token) == [status]


def test_redirects_written_in_the_path_are_followed(sinks: Sinks, token: str) -> None:
    reply = requests.get(f"{sinks.address.url}/redirect/2/status/202/{token}?q=1", timeout=10)
    assert reply.status_code == 202
    assert statuses(sinks, token) == [302, 302, 202]
    assert {each.content["query"] for each in sinks.between(token, token)} == {"q=1"}


def test_a_loop_of_redirects(sinks: Sinks, token: str) -> None:
    with pytest.raises(requests.TooManyRedirects):
        requests.get(f"{sinks.address.url}/redirect-loop/{token}", timeout=10)
    assert statuses(sinks, token) == [302] * 31


@pytest.mark.parametrize("bound", [True, False])
def test_a_reset(sinks: Sinks, token: str, bound: bool) -> None:
    target = f"/{token}" if bound else f"/reset/{token}"
    match = token if bound else "nothing"
    with sinks.behaving(match, Reset()), pytest.raises(ConnectionResetError) as reset:
        call(sinks.address.url, target)
    # An ordinary end of the connection would be a subclass of it.
    assert reset.type is ConnectionResetError
    assert statuses(sinks, token) == [None]
    assert only(sinks, token).behaviour == {"kind": "Reset"}


@pytest.mark.parametrize("bound", [True, False])
def test_half_an_answer(sinks: Sinks, token: str, bound: bool) -> None:
    target = f"/{token}" if bound else f"/half/{token}"
    match = token if bound else "nothing"
    with sinks.behaving(match, HalfClose("0123456789" * 2)), pytest.raises(IncompleteRead) as half:
        call(sinks.address.url, target)
    assert half.value.partial
    assert half.value.expected


@pytest.mark.parametrize("bound", [True, False])
def test_a_late_answer(sinks: Sinks, token: str, bound: bool) -> None:
    begun = time.monotonic()
    with sinks.behaving(token if bound else "nothing", Late(0.2, HttpAnswer(204))):
        reply = call(sinks.address.url, f"/{token}" if bound else f"/late/200/status/204/{token}")
    assert reply.status == 204
    assert 0.2 <= time.monotonic() - begun < 2


def test_a_bound_answer_with_headers(sinks: Sinks, token: str) -> None:
    with sinks.behaving(token, HttpAnswer(503, "busy", {"Retry-After": "7"})):
        reply = call(sinks.address.url, f"/{token}")
        assert call(sinks.address.url, "/somebody-else").status == 200
    assert (reply.status, reply.body, reply.headers["Retry-After"]) == (503, "busy", "7")
    assert call(sinks.address.url, f"/{token}").status == 200
    first, second = sinks.between(token, token)
    assert first.behaviour is not None
    assert (first.behaviour["kind"], second.behaviour) == ("HttpAnswer", None)


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (Redirect(), [302, 200]),
        (Redirect(hops=3, status=307), [307, 302, 302, 200]),
    ],
)
def test_bound_redirects(
    sinks: Sinks, token: str, behaviour: Behaviour, expected: list[int]
) -> None:
    with sinks.behaving(token, behaviour):
        reply = requests.get(f"{sinks.address.url}/{token}", timeout=10)
    assert (reply.status_code, reply.json()) == (200, {"received": True})
    assert statuses(sinks, token) == expected


def test_a_bound_loop_and_a_redirect_elsewhere(sinks: Sinks, token: str) -> None:
    with (
        sinks.behaving(token, Redirect(loop=True)),
        pytest.raises(requests.TooManyRedirects),
    ):
        requests.get(f"{sinks.address.url}/{token}", timeout=10)
    with sinks.listening("url", name="elsewhere") as other:
        with sinks.behaving(f"a/{token}", Redirect(to=f"{other.url}/b/{token}")):
            assert requests.get(f"{sinks.address.url}/a/{token}", timeout=10).status_code == 200
        (arrival,) = sinks.between(token, token, source="elsewhere")
    assert arrival.content["path"] == f"/b/{token}"


def test_a_listener_with_a_behaviour_of_its_own(sinks: Sinks, token: str) -> None:
    with sinks.listening("url", behaviour=HttpAnswer(500, "broken")) as other:
        assert call(other.url, f"/{token}").body == "broken"
        assert call(sinks.address.url, f"/{token}").status == 200
    assert [each.source for each in sinks.between(token, token)] == [other.name, "url"]
    with pytest.raises(ConnectionRefusedError):
        call(other.url, "/")


def test_what_is_no_http_is_written_down(sinks: Sinks) -> None:
    parts = urlsplit(sinks.address.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as wire:
        wire.sendall(b"nonsense\r\n\r\n")
        assert wire.recv(1000).startswith(b"HTTP/1.1 400")
    assert sinks.stray(channel="url")[-1].content["status"] == 400


def test_a_body_announced_with_expect(sinks: Sinks, token: str) -> None:
    parts = urlsplit(sinks.address.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as wire:
        head = f"POST /{token} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
        wire.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert wire.recv(1000).startswith(b"HTTP/1.1 100")
        wire.sendall(b"ok")
        assert wire.recv(1000).startswith(b"HTTP/1.1 200")
    assert only(sinks, token).content["body"] == "ok"


def test_wrong_behaviours_are_refused(sinks: Sinks) -> None:
    with (
        pytest.raises(EnvironmentFault, match="would disturb others"),
        sinks.behaving("", HttpAnswer(500)),
    ):
        pass
    with pytest.raises(EnvironmentFault, match="RefuseData makes no sense for a url listener"):
        sinks.listen("url", behaviour=RefuseData())
    with pytest.raises(EnvironmentFault, match="listener kind 'ftp'"):
        sinks.listen("ftp")
    with pytest.raises(EnvironmentFault, match="called 'url' is open already"):
        sinks.listen("url", name="url")


@pytest.mark.parametrize(("status", "method"), [(303, "GET"), (307, "PUT")])
def test_one_redirect_with_a_status(sinks: Sinks, token: str, status: int, method: str) -> None:
    requests.put(f"{sinks.address.url}/redirect-as/{status}/{token}", data="a", timeout=10)
    assert statuses(sinks, token) == [status, 200]
    assert [each.content["method"] for each in sinks.between(token, token)] == ["PUT", method]


def test_a_redirect_to_another_origin(sinks: Sinks, token: str) -> None:
    reply = requests.get(f"{sinks.address.url}/redirect-away/status/202/{token}", timeout=10)
    assert reply.status_code == 202
    here, there = sinks.between(token, token)
    assert (here.source, there.source) == ("url", "url-elsewhere")
    assert there.content["path"] == f"/redirect/0/status/202/{token}"
