"""Processes: whatever happens, nothing of a broker is left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from scicat_harness.broker import rabbitmq
from scicat_harness.broker.embedded_broker import EmbeddedBroker
from scicat_harness.broker.probe import use
from scicat_harness.broker.rabbitmq import PrivateNode, find_server
from scicat_harness.broker.start import start_broker
from scicat_harness.errors import EnvironmentFault
from scicat_harness.processes.children import Children
from scicat_harness.processes.sockets import free_ports, listening_socket

ROOT = Path(__file__).parents[2]
GONE = 10.0
HOLDER = """
import sys
from pathlib import Path
from scicat_harness.broker.start import start_broker
from scicat_harness.processes.children import Children
broker = start_broker(sys.argv[1], Path(sys.argv[2]), Children())
broker.open_proxy()
print("ready", flush=True)
sys.stdin.read()
"""

CHOICES = pytest.mark.parametrize(
    "choice", ["embedded", pytest.param("rabbitmq", marks=pytest.mark.needs_rabbitmq)]
)


@pytest.fixture(autouse=True)
def _node_where_it_is_needed(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("needs_rabbitmq") and find_server() is None:
        pytest.skip("no rabbitmq-server is installed")


def below(pid: int) -> list[psutil.Process]:
    """All processes below one."""
    found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    return found


def alive(processes: list[psutil.Process]) -> list[str]:
    """The names of those that do not end."""
    _, left = psutil.wait_procs(processes, timeout=GONE)
    return [each.name() for each in left]


@contextlib.contextmanager
def holder(choice: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has started a broker and a proxy."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, choice, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def test_closed(tmp_path: Path, children: Children) -> None:
    before = {each.pid for each in below(os.getpid())}
    broker = start_broker("embedded", tmp_path, children)
    started = [each for each in below(os.getpid()) if each.pid not in before]
    assert started
    broker.close()
    broker.close()
    assert alive(started) == []


@CHOICES
def test_killed(choice: str, tmp_path: Path) -> None:
    with holder(choice, tmp_path) as process:
        started = below(process.pid)
        names = {each.name() for each in started}
        assert choice == "embedded" or {"beam.smp", "epmd"} <= names
        process.kill()
        process.wait(GONE)
        assert alive(started) == []
    assert [each.name for each in tmp_path.iterdir() if each.is_dir()] == []


@pytest.mark.needs_rabbitmq
def test_a_killed_keeper_takes_its_node_along(tmp_path: Path) -> None:
    with holder("rabbitmq", tmp_path) as process:
        (keeper,) = [
            each for each in below(process.pid) if "scicat_harness.broker.keeper" in each.cmdline()
        ]
        started = keeper.children(recursive=True)
        keeper.kill()
        assert alive(started) == []


@pytest.mark.needs_rabbitmq
def test_two_nodes_side_by_side(tmp_path: Path, children: Children) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    before = {each.pid for each in below(os.getpid())}
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda folder: PrivateNode(folder, children), folders)
    keepers = [each for each in below(os.getpid()) if each.pid not in before]
    first.close()
    first.close()
    use(second.address)
    second.close()
    assert alive(keepers) == []
    assert [[each.name for each in folder.iterdir()] for folder in folders] == [
        ["rabbitmq.log"],
        ["rabbitmq.log"],
    ]


@pytest.mark.needs_rabbitmq
def test_a_node_whose_port_is_taken(tmp_path: Path, children: Children) -> None:
    with listening_socket() as taken, pytest.raises(EnvironmentFault) as raised:
        PrivateNode(tmp_path, children, port=taken.getsockname()[1])
    assert "ended with exit code 1; its last lines were:" in str(raised.value)
    assert "eaddrinuse" in str(raised.value)
    assert [each.name for each in tmp_path.iterdir()] == ["rabbitmq.log"]


@pytest.mark.needs_rabbitmq
@pytest.mark.parametrize("place", [0, 1], ids=["amqp", "distribution"])
def test_a_node_whose_chosen_port_is_taken_gets_another_one(
    place: int, tmp_path: Path, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening_socket() as taken:
        ports = iter([_with(taken.getsockname()[1], place), free_ports(3)])
        monkeypatch.setattr(rabbitmq, "free_ports", lambda _: next(ports))
        node = PrivateNode(tmp_path, children)
        use(node.address)
        node.close()
    assert next(ports, None) is None


def _with(taken: int, place: int) -> list[int]:
    """Return three ports, of which the one at ``place`` is taken."""
    found = free_ports(3)
    found[place] = taken
    return found


def test_an_embedded_broker_whose_port_is_taken(tmp_path: Path, children: Children) -> None:
    with listening_socket() as taken, pytest.raises(EnvironmentFault) as raised:
        EmbeddedBroker(tmp_path, children, port=taken.getsockname()[1])
    assert str(raised.value) == (
        "the embedded broker ended with exit code 1; its last lines were:\n"
        "  | the broker cannot start: Address already in use"
    )


def test_no_server_is_installed(
    tmp_path: Path, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rabbitmq, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("RABBITMQ_HOME", raising=False)
    with pytest.raises(EnvironmentFault) as raised:
        start_broker("rabbitmq", tmp_path, children)
    for fix in ("apt-get install rabbitmq-server", "--broker embedded", "--broker amqp://"):
        assert fix in str(raised.value)


def test_a_server_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rabbitmq, "_DEBIAN", tmp_path / "none")
    home = tmp_path / "rabbitmq"
    for path in (home / "sbin" / "rabbitmq-server", home / "sbin" / "rabbitmq-env"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    monkeypatch.setenv("RABBITMQ_HOME", str(home))
    assert rabbitmq.find_server() == home / "sbin" / "rabbitmq-server"
    monkeypatch.delenv("RABBITMQ_HOME")
    wrapper = tmp_path / "wrapped"
    wrapper.mkdir()
    (wrapper / "rabbitmq-server").symlink_to(home / "sbin" / "rabbitmq-server")
    monkeypatch.setenv("PATH", str(wrapper))
    assert rabbitmq.find_server() == home / "sbin" / "rabbitmq-server"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda each: each.name)
def test_ended_by_a_signal(number: signal.Signals, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = [
        sys.executable,
        "-m",
        "scicat_harness.broker",
        "--ready",
        str(ready),
        "--exit-with-stdin",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as process:
        for _ in range(200):
            if ready.exists():
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        process.send_signal(number)
        assert process.wait(GONE) == 0
