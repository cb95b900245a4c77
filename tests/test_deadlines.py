"""Every wait has a total deadline, whatever the other side does: drips, is silent, never closes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.probe import BrokerNames, NotUsable, forget, use
from scicat_harness.client.transport import HttpRequest, Transport
from scicat_harness.deadline import within
from scicat_harness.deploy.engine import ContainerEngine
from scicat_harness.deploy.mongo import database_uri, drop_database, new_database_name, ping
from scicat_harness.deploy.readiness import wait_healthy
from scicat_harness.errors import DeadlineExceeded, EnvironmentFault
from scicat_harness.processes.sockets import free_port

from .slow_servers import SLOW_SERVERS, dripping, silent

PATIENCE = 10.0
"""Seconds after which a call that should give up within half a second counts as hanging."""
DEADLINE = 0.4


@pytest.fixture(params=SLOW_SERVERS)
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """Where a server listens that never finishes."""
    with SLOW_SERVERS[request.param]() as found:
        yield found


def must_give_up(do: Callable[[], Any], error: type[Exception] = EnvironmentFault) -> str:
    """It raises in time; what it says."""
    began = time.monotonic()
    with pytest.raises(error) as raised:
        within(PATIENCE, "the call", do)
    assert time.monotonic() - began < PATIENCE
    assert "the call: not done" not in str(raised.value)
    return str(raised.value)


def test_a_health_endpoint(port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    assert url in must_give_up(lambda: wait_healthy(url, deadline=DEADLINE))


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Type: app",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
    ids=["nothing", "head", "body", "chunks", "without-length"],
)
@pytest.mark.parametrize("server", [dripping, silent])
def test_a_request(server: Any, start: bytes) -> None:
    with server(start) as port, closing(_transport(port)) as made:
        said = must_give_up(lambda: made.send(HttpRequest("GET", "/api/v4/jobs")))
        # A read that times out just before the deadline of the whole has a message of its own.
        assert f"within {DEADLINE:g} s" in said or "(timed out)" in said


def test_a_request_after_one_that_was_given_up() -> None:
    """A late reply is not taken for that of the next request."""
    with silent() as port, closing(_transport(port)) as made:
        for _ in range(2):
            must_give_up(lambda: made.send(HttpRequest("GET", "/api/v4/jobs")))
        assert made.sent == 0


def test_an_agreement_on_tls(port: int) -> None:
    with closing(Transport(f"https://127.0.0.1:{port}", deadline=DEADLINE)) as made:
        must_give_up(lambda: made.send(HttpRequest("GET", "/api/v4/jobs")))


def test_a_broker(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scicat_harness.broker.probe._USE_SECONDS", DEADLINE)
    address = BrokerAddress("127.0.0.1", port, "user", "password")
    must_give_up(lambda: use(address), NotUsable)
    must_give_up(lambda: forget(address, BrokerNames(("run.q",), ("run.x",)), "run."))


def test_a_database(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scicat_harness.deploy.mongo._DEADLINE", DEADLINE)
    uri = f"mongodb://127.0.0.1:{port}"
    message = must_give_up(lambda: ping(uri, DEADLINE))
    assert "no MongoDB answers" in message
    assert "configured timeouts" not in message, "the driver's limits are no reason"
    must_give_up(lambda: database_uri(uri, new_database_name()))
    must_give_up(lambda: drop_database(f"{uri}/{new_database_name()}"))


def test_a_container_engine(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scicat_harness.deploy.engine._ASK_DEADLINE", DEADLINE)
    assert "no container engine" in must_give_up(lambda: ContainerEngine(f"tcp://127.0.0.1:{port}"))


def test_what_is_done_in_time_is_done() -> None:
    assert within(PATIENCE, "it", lambda: 5) == 5


def test_what_fails_in_time_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        within(PATIENCE, "it", lambda: 1 // 0)


def test_what_is_not_done_in_time_is_given_up() -> None:
    over = threading.Event()
    with pytest.raises(DeadlineExceeded, match=r"it: not done within 0\.05 s"):
        within(0.05, "it", lambda: over.wait(PATIENCE))
    over.set()


def _transport(port: int) -> Transport:
    return Transport(f"http://127.0.0.1:{port}", deadline=DEADLINE)


def test_a_child_that_ignores_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from scicat_harness.processes.child import Child, inherited_environment

    monkeypatch.setattr("scicat_harness.processes.child._STOP_DEADLINE", DEADLINE)
    deaf = (
        "import signal, threading; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('deaf', flush=True); threading.Event().wait()"
    )
    child = Child.start(
        "deaf",
        [sys.executable, "-c", deaf],
        env=inherited_environment(),
        cwd=tmp_path,
        log=tmp_path / "log",
    )
    while not child.output():
        assert not child.ended.wait(0.02)
    within(PATIENCE, "stopping it", child.stop)
    assert child.exit_code == -9


def test_a_database_that_nobody_serves_is_given_up_at_once() -> None:
    uri = f"mongodb://127.0.0.1:{free_port()}/{new_database_name()}"
    # Another sentence than that of the client, which tries for the whole deadline.
    with pytest.raises(EnvironmentFault, match=r"answers there \(connection refused\)"):
        drop_database(uri)
