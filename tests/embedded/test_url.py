"""URLs that are really called."""

import threading
from typing import Any
from urllib.parse import quote

import pytest

from .facility import Build, World, job_type
from .sinks import HttpSink, Received

AFTER = {"actionType": "log", "perform": "after"}


def calling(build: Build, sink: HttpSink, url: str, **options: Any) -> World:
    sink.received.clear()
    action = {"actionType": "url", "url": url, **options}
    return build([job_type("t", actions=[action, AFTER])])


def only(sink: HttpSink) -> Received:
    (received,) = sink.received
    return received


def test_default_request(build: Build, http_sink: HttpSink) -> None:
    world = calling(build, http_sink, f"{http_sink.url}/jobs/{{{{job.id}}}}?t={{{{job.type}}}}")
    job = world.submit(None, "t").json
    received = only(http_sink)
    assert (received.method, received.path) == ("GET", f"/jobs/{job['id']}?t=t")
    assert list(received.headers.items()) == [
        ("host", http_sink.url.removeprefix("http://")),
        ("connection", "keep-alive"),
        ("accept", "*/*"),
        ("accept-language", "*"),
        ("sec-fetch-mode", "cors"),
        ("user-agent", "node"),
        ("accept-encoding", "gzip, deflate"),
    ]
    url = f"{http_sink.url}/jobs/{job['id']}?t=t"
    assert [line for line in world.log if "[URLAction]" in line] == [
        f"[URLAction] (Job {job['id']}) Requesting {url}",
        f"[URLAction] (Job {job['id']}) Request for {url} returned 200."
        f" Response: body of /jobs/{job['id']}?t=t",
    ]


def test_method_headers_and_body(build: Build, http_sink: HttpSink) -> None:
    options = {
        "method": "PUT",
        "headers": {"X-Job": "{{job.type}}", "accept": "text/x"},
        "body": "{{{jsonify request.jobParams}}}é",
    }
    calling(build, http_sink, http_sink.url, **options).submit(None, "t", jobParams={"a": 1})
    received = only(http_sink)
    assert received.body == '{\n   "a": 1\n}é'
    assert received.headers["content-length"] == "15"
    assert received.headers["content-type"] == "text/plain;charset=UTF-8"
    assert (received.headers["x-job"], received.headers["accept"]) == ("t", "text/x")
    assert list(received.headers)[2:4] == ["x-job", "accept"]


def test_post_without_body(build: Build, http_sink: HttpSink) -> None:
    calling(build, http_sink, http_sink.url, method="POST").submit(None, "t")
    assert only(http_sink).headers["content-length"] == "0"


@pytest.mark.parametrize(
    ("tail", "value", "wire"),
    [
        ("/{{{request.jobParams.x}}}", 'é "<>^`{|}\\', "/" + quote('é "<>^`{|}\\')),
        ("/?u={{urlencode request.jobParams.x}}", "a b", "/?u=a%2520b"),
        ("/{{{request.jobParams.x}}}", "a%20b", "/a%2520b"),
        ("/?u={{request.jobParams.x}}&v=1", "a'b", "/?u=a&"),
        ("/?u={{{request.jobParams.x}}}", "a'b", "/?u=a%27b"),
        ("/a/{{{request.jobParams.x}}}/c", "../b/.", "/b/c"),
        ("/a/{{{request.jobParams.x}}}", "b/..", "/a/"),
        ("/a/{{{request.jobParams.x}}}", "../../../b", "/b"),
        ("/a?u={{{request.jobParams.x}}}", "../b", "/a?u=../b"),
    ],
)
def test_encoding(build: Build, http_sink: HttpSink, tail: str, value: str, wire: str) -> None:
    world = calling(build, http_sink, http_sink.url + tail)
    assert world.submit(None, "t", jobParams={"x": value}).status == 201
    assert only(http_sink).path == wire


@pytest.mark.parametrize("status", [304, 404, 418, 500, 503])
def test_a_remote_status_is_the_answer(build: Build, http_sink: HttpSink, status: int) -> None:
    world = calling(build, http_sink, f"{http_sink.url}/status/{status}")
    answer = world.submit(None, "t")
    assert answer.status == status
    message = f"A remote URL call failed with response: body of /status/{status}"
    assert answer.json == (None if status == 304 else {"status": status, "message": message})
    assert len(world.backend.store.jobs) == 1
    assert "[LogJobAction] after" not in world.log


@pytest.mark.parametrize(
    ("kind", "sent"), [(302, ("GET", "")), (303, ("GET", "")), (307, ("POST", "x"))]
)
def test_redirects(build: Build, http_sink: HttpSink, kind: int, sent: tuple[str, str]) -> None:
    url = f"{http_sink.url}/redirect/{kind}/there"
    world = calling(build, http_sink, url, method="POST", body="x")
    assert world.submit(None, "t").status == 201
    assert [(r.path, r.method, r.body) for r in http_sink.received] == [
        (f"/redirect/{kind}/there", "POST", "x"),
        ("/there", *sent),
    ]


def test_twenty_redirects_at_most(build: Build, http_sink: HttpSink) -> None:
    url = http_sink.url + "/redirect/302" * 20 + "/end"
    assert calling(build, http_sink, url).submit(None, "t").status == 201
    assert len(http_sink.received) == 21
    answer = calling(build, http_sink, url.replace("/end", "/redirect/302/end")).submit(None, "t")
    assert answer.json["message"].endswith("due to TypeError: fetch failed")
    assert len(http_sink.received) == 21


@pytest.mark.parametrize(
    ("url", "options", "error"),
    [
        ("http://127.0.0.1:1/", {}, "TypeError: fetch failed"),
        ("ftp://x/", {}, "TypeError: fetch failed"),
        ("nope", {}, "TypeError: Failed to parse URL from nope"),
        ("http://", {}, "TypeError: Failed to parse URL from http://"),
        ("http://u:p@x/", {}, "TypeError: Request cannot be constructed from a URL that includes"),
        ("http://x/", {"body": "b"}, "TypeError: Request with GET/HEAD method cannot have body."),
        (
            "http://x/",
            {"headers": {"x": "a\nb"}},
            'TypeError: Headers.append: "a\nb" is an invalid header value.',
        ),
        (
            "http://x/",
            {"headers": {"x": "€"}},
            "TypeError: Cannot convert argument to a ByteString because the character at index 0"
            " has a value of 8364 which is greater than 255.",
        ),
        ("{{nosuch 1}}", {}, 'Error: Missing helper: "nosuch"'),
        ("http://x/", {"headers": {"x": "{{nosuch 1}}"}}, 'Error: Missing helper: "nosuch"'),
    ],
)
def test_what_cannot_be_called(
    build: Build, http_sink: HttpSink, url: str, options: dict[str, Any], error: str
) -> None:
    world = calling(build, http_sink, url, **options)
    answer = world.submit(None, "t")
    assert answer.status == 400
    head = "Invalid job input. Job 't' unable to perform action 'url' due to "
    assert answer.json["message"].startswith(head + error)
    assert len(world.backend.store.jobs) == 1
    ignoring = calling(build, http_sink, url, **options, ignoreErrors=True)
    in_the_url = url.startswith("{{")
    assert ignoring.submit(None, "t").status == (400 if in_the_url else 201)
    assert ("[LogJobAction] after" in ignoring.log) is not in_the_url


def test_an_answer_that_breaks_off(build: Build, http_sink: HttpSink) -> None:
    url = f"{http_sink.url}/half/500"
    answer = calling(build, http_sink, url).submit(None, "t")
    assert answer.status == 400
    assert answer.json["message"].endswith("'url' due to TypeError: terminated")
    world = calling(build, http_sink, url, ignoreErrors=True)
    assert world.submit(None, "t").status == 201
    assert [line.partition(") ")[2] for line in world.log if "[URLAction]" in line] == [
        f"Requesting {url}",
        f"Error reading response text from {url}: TypeError: terminated",
        f"Request for {url} returned 500. Response: undefined",
    ]


def test_lone_surrogates_are_never_ignored(build: Build, http_sink: HttpSink) -> None:
    world = calling(build, http_sink, "http://x/{{{request.jobParams.x}}}", ignoreErrors=True)
    raw = b'{"type":"t","jobParams":{"x":"\\ud800"}}'
    headers = {"content-type": "application/json"}
    answer = world.client.ask("POST", "/api/v4/jobs", raw, headers=headers)
    assert answer.json["message"].endswith("due to URIError: URI malformed")


def test_data_urls(build: Build, http_sink: HttpSink) -> None:
    world = calling(build, http_sink, "data:text/plain;base64,aGk=")
    assert world.submit(None, "t").status == 201
    assert any(line.endswith("returned 200. Response: hi") for line in world.log)


def test_no_proxy_of_the_environment(
    build: Build, http_sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert calling(build, http_sink, http_sink.url).submit(None, "t").status == 201


def test_calls_leave_no_thread_behind(build: Build, http_sink: HttpSink) -> None:
    world = calling(build, http_sink, http_sink.url)
    before = {thread.name for thread in threading.enumerate()}
    world.submit(None, "t")
    after = {thread.name for thread in threading.enumerate() if "asyncio" in thread.name}
    assert after <= before
