"""The control API through its client: ranges, waits, clients that go away."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from scicat_harness.errors import DeadlineExceeded, EnvironmentFault
from scicat_harness.processes.sockets import refusing_socket
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.behaviour import HttpAnswer, Late
from scicat_harness.sinks.client import Sinks
from scicat_harness.sinks.connection import ControlConnection
from scicat_harness.sinks.journal import Awaited
from tests.sinks.mails import message, send
from tests.sinks.wire import call

HOLD = """
import json, sys
from scicat_harness.sinks.behaviour import HttpAnswer
from scicat_harness.sinks.client import Sinks
sinks = Sinks.from_json(json.loads(sys.argv[1]))
with sinks.behaving(sys.argv[2], HttpAnswer(503)):
    print("bound", flush=True)
    sys.stdin.read()
"""


def test_a_range_is_ordered_by_arrival_over_all_channels(
    sinks: Sinks, mint: Callable[[], str]
) -> None:
    first, second, third, beyond = mint(), mint(), mint(), mint()
    call(sinks.address.url, f"/{third}")
    send(sinks.address, message(first))
    call(sinks.address.url, f"/{second}")
    call(sinks.address.url, f"/{beyond}")
    found = sinks.between(first, third)
    assert [each.correlation for each in found] == [third, first, second]
    assert [each.seq for each in found] == sorted(each.seq for each in found)
    assert [each.channel for each in found] == ["url", "email", "url"]
    assert [each.correlation for each in sinks.between(first, third, channel="email")] == [first]
    assert sinks.after(found[-1].seq)[0].correlation == beyond


def test_the_latest_request_is_held_responsible(sinks: Sinks, mint: Callable[[], str]) -> None:
    created, updated = mint(), mint()
    call(sinks.address.url, f"/{updated}", method="POST", body=created.encode())
    assert sinks.between(created, created) == ()
    (arrival,) = sinks.between(updated, updated)
    assert arrival.tokens == (created, updated)


def test_strays_are_told_apart(sinks: Sinks, token: str) -> None:
    call(sinks.address.url, "/no-token-here")
    call(sinks.address.url, f"/{token}")
    paths = [each.content["path"] for each in sinks.stray(channel="url")]
    assert "/no-token-here" in paths
    assert f"/{token}" not in paths


def test_a_wait_ends_as_soon_as_enough_came(sinks: Sinks, token: str) -> None:
    awaited = Awaited(token, "url", "url", count=2)
    call(sinks.address.url, f"/{token}/1")
    sender = threading.Timer(0.1, call, (sinks.address.url, f"/{token}/2"))
    sender.start()
    begun = time.monotonic()
    found = sinks.wait(awaited, timeout=10)
    assert time.monotonic() - begun < 2
    assert [each.content["path"][-1] for each in found] == ["1", "2"]
    sender.join()


def test_a_wait_in_vain_says_what_came(sinks: Sinks, token: str) -> None:
    call(sinks.address.url, f"/{token}")
    with pytest.raises(DeadlineExceeded, match=rf"1 of 2 arrivals of {token} came .*\(url\)"):
        sinks.wait(Awaited(token, "url", count=2), timeout=0.05)
    with pytest.raises(DeadlineExceeded, match="0 of 1"):
        sinks.wait(Awaited(token, "email"), timeout=0)


def test_the_barrier_tells_what_is_missing(sinks: Sinks, mint: Callable[[], str]) -> None:
    tokens = [mint() for _ in range(64)]
    for token in tokens[:-1]:
        call(sinks.address.url, f"/{token}")
    awaited = [Awaited(token, "url") for token in tokens]
    assert sinks.wait_all(awaited[:-1], timeout=5) == ()
    assert sinks.wait_all(awaited, timeout=0.05) == (awaited[-1],)
    assert sinks.wait_all([], timeout=5) == ()


def test_two_clients_do_not_disturb_each_other(
    address: SinksAddress, mint: Callable[[], str]
) -> None:
    one, two = mint(), mint()
    with Sinks(address) as first, Sinks.from_json(Sinks(address).to_json()) as second:
        with first.behaving(one, HttpAnswer(501)), second.behaving(two, HttpAnswer(502)):
            assert call(address.url, f"/{one}").status == 501
            assert call(address.url, f"/{two}").status == 502
        first_found: list[int] = []
        waiting = threading.Thread(
            target=lambda: first_found.append(
                len(first.wait(Awaited(one, "url", count=2), timeout=10))
            )
        )
        waiting.start()
        assert len(second.wait(Awaited(two, "url"), timeout=10)) == 1
        call(address.url, f"/{one}")
        waiting.join(10)
        assert first_found == [2]


def test_behaviours_end_with_the_process_that_wanted_them(sinks: Sinks, token: str) -> None:
    import json

    command = [sys.executable, "-c", HOLD, json.dumps(sinks.to_json()), token]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "bound\n"
        assert call(sinks.address.url, f"/{token}").status == 503
        other.kill()
    assert _status_becomes(sinks, token, 200)


def test_a_behaviour_ends_after_its_time(sinks: Sinks, token: str) -> None:
    with sinks.behaving(token, HttpAnswer(503), seconds=0.1):
        assert call(sinks.address.url, f"/{token}").status == 503
        assert _status_becomes(sinks, token, 200)


def _status_becomes(sinks: Sinks, token: str, status: int) -> bool:
    pause, give_up = threading.Event(), time.monotonic() + 5
    while call(sinks.address.url, f"/{token}").status != status:
        if time.monotonic() > give_up:
            return False
        pause.wait(0.02)
    return True


def test_waiting_does_not_hold_up_others(sinks: Sinks, token: str) -> None:
    answers: list[int] = []
    with sinks.behaving(token, Late(0.5)):
        slow = threading.Thread(
            target=lambda: answers.append(call(sinks.address.url, f"/{token}").status)
        )
        slow.start()
        begun = time.monotonic()
        call(sinks.address.url, "/quick")
        assert time.monotonic() - begun < 0.4
        slow.join(5)
    assert answers == [200]


def test_health(sinks: Sinks) -> None:
    health = sinks.health()
    assert health.lost == {}
    assert {"smtp", "url"} <= set(health.listeners)


def test_wrong_questions_are_refused(sinks: Sinks) -> None:
    control = ControlConnection(sinks.address.control)
    for path, query, said in (
        ("/await", {"timeout": 1}, "needs 'correlation'"),
        ("/await", {"correlation": "x", "timeout": "soon"}, "'soon' is not a number"),
        ("/arrivals", {"first": "x"}, "needs 'last'"),
        ("/arrivals", {"channel": "fax"}, "channel 'fax' is none of email, url, amqp"),
        ("/nothing", {}, "status 404"),
    ):
        with pytest.raises(EnvironmentFault, match=said):
            control.get(path, query)
    with pytest.raises(EnvironmentFault, match="no behaviour is called 'Explode'"):
        control.post("/behaviours", {"match": "x", "behaviour": {"kind": "Explode"}})
    with pytest.raises(EnvironmentFault, match="status 99 is not within"):
        control.post(
            "/behaviours", {"match": "x", "behaviour": {"kind": "HttpAnswer", "status": 99}}
        )
    for port in ("smtp", -1, 65536):
        with pytest.raises(EnvironmentFault, match="is none of 0 to 65535"):
            control.post("/listeners", {"kind": "smtp", "port": port})
    with pytest.raises(EnvironmentFault, match="no AMQP broker is connected"):
        sinks.amqp.bind("exchange")
    control.close()


def test_a_listener_takes_a_port_that_is_held_for_it(sinks: Sinks) -> None:
    with closing(refusing_socket(shared=True)) as held:
        port = held.getsockname()[1]
        for _ in range(2):
            with sinks.listening("smtp", port=port) as listener:
                assert listener.port == port
                socket.create_connection((listener.host, port), timeout=5).close()
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
