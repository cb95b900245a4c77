"""A pytest plugin that records what the checks send, and replays it raw when they are done.

Loaded with ``-p benchmarks.recording``. Every process that runs checks writes its calls to a file
of its own; the controller, while the backend and its data are still there, replays each file over
one keep-alive connection in a process of its own: the same requests at the same concurrency, with
nothing around them.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import HttpRequest, Transport

FOLDER = "SCICAT_BENCHMARK_FOLDER"
_RECORDED: list[dict[str, Any]] = []
_CLOCK = {"first": 0.0, "last": 0.0}


def _recording_send(original: Any) -> Any:
    def send(self: Transport, call: HttpRequest) -> Exchange:
        exchange: Exchange = original(self, call)
        _RECORDED.append(
            {
                "base_url": self.base_url,
                "method": call.method,
                "path": call.path + (f"?{urlencode(call.params)}" if call.params else ""),
                "token": call.token,
                "body": call.body,
                "type": call.content_type,
                "status": exchange.status,
            }
        )
        return exchange

    return send


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Record from now on; what the controller sends before is set-up, not checks."""
    Transport.send = _recording_send(Transport.send)  # type: ignore[method-assign]
    del session


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, Any, Any]:
    """Forget the set-up; write down what was sent when the last check is settled."""
    _RECORDED.clear()
    started = (time.monotonic(), _cpu())
    result = yield
    worker = getattr(session.config, "workerinput", {}).get("workerid", "main")
    numbers = {
        "worker": worker,
        "checks": session.testscollected if worker == "main" else 0,
        "seconds": time.monotonic() - started[0],
        "cpu": _cpu() - started[1],
        "requests": len(_RECORDED),
    }
    folder = Path(os.environ[FOLDER])
    (folder / f"{worker}.numbers.json").write_text(json.dumps(numbers))
    lines = [json.dumps(each) for each in _RECORDED]
    (folder / f"{worker}.calls.jsonl").write_text("\n".join(lines))
    return result


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """When the first check began and the last one ended, as the controller sees it."""
    if report.when == "call":
        now = time.monotonic()
        _CLOCK["first"] = _CLOCK["first"] or now - report.duration
        _CLOCK["last"] = now


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Replay, in the controller, before anything is removed."""
    if hasattr(session.config, "workerinput"):
        return
    folder = Path(os.environ[FOLDER])
    files = [path for path in sorted(folder.glob("*.calls.jsonl")) if path.stat().st_size]
    seconds, mismatches = replay(files)
    summary = {
        "checking": _CLOCK["last"] - _CLOCK["first"],
        "replaying": seconds,
        "other_statuses": mismatches,
    }
    (folder / "replay.json").write_text(json.dumps(summary))


def replay(files: list[Path]) -> tuple[float, int]:
    """Replay each file in a process of its own; seconds from start to end, and odd statuses."""
    context = multiprocessing.get_context("spawn")
    ready, go = context.Barrier(len(files) + 1), context.Barrier(len(files) + 1)
    results: Any = context.Queue()
    workers = [
        context.Process(target=_replay_file, args=(str(path), ready, go, results), name=path.stem)
        for path in files
    ]
    for worker in workers:
        worker.start()
    ready.wait(60)
    go.wait(60)
    started = time.monotonic()
    odd = sum(results.get(timeout=1800) for _ in workers)
    seconds = time.monotonic() - started
    for worker in workers:
        worker.join(30)
    return seconds, odd


def _replay_file(path: str, ready: Any, go: Any, results: Any) -> None:
    calls = [json.loads(line) for line in Path(path).read_text().splitlines()]
    connections: dict[str, http.client.HTTPConnection] = {}
    ready.wait(60)
    go.wait(60)
    odd = 0
    for call in calls:
        odd += _send(connections, call) != call["status"]
    results.put(odd)


def _send(connections: dict[str, http.client.HTTPConnection], call: dict[str, Any]) -> int:
    base = call["base_url"]
    if base not in connections:
        connections[base] = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
    headers = {"Accept": "application/json"}
    if call["token"]:
        headers["Authorization"] = f"Bearer {call['token']}"
    body = call["body"].encode() if call["body"] is not None else None
    if body is not None:
        headers["Content-Type"] = call["type"]
    try:
        return _exchange(connections[base], call, body, headers)
    except (http.client.HTTPException, OSError):
        connections[base].close()
        return _exchange(connections[base], call, body, headers)


def _exchange(
    connection: http.client.HTTPConnection,
    call: dict[str, Any],
    body: bytes | None,
    headers: dict[str, str],
) -> int:
    connection.request(call["method"], call["path"], body, headers)
    reply = connection.getresponse()
    reply.read()
    return reply.status


def _cpu() -> float:
    times = os.times()
    return times.user + times.system
