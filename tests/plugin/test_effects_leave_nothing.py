"""Runs about effects leave nothing: no process, no port, no folder, nothing on a given broker."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pika
import psutil
import pytest
from pika.exceptions import ChannelClosedByBroker

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.embedded_broker import EmbeddedBroker
from scicat_harness.processes.children import Children

from .runs import GONE, Ending, by, children_of, events, in_peace, started, wait_for

EXCHANGE, QUEUE = "jobs", "usual"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[BrokerAddress]:
    """A broker that is not the run's own."""
    children = Children()
    made = EmbeddedBroker(tmp_path, children)
    try:
        yield made.address
    finally:
        made.close()
        children.close()


class Traces:
    """What a run could leave: seen while it runs, looked for when it has ended."""

    def __init__(self, folder: Path, broker: BrokerAddress) -> None:
        self.folder, self.temporary = folder, folder / "tmp"
        self.temporary.mkdir()
        self.broker = broker
        self.children: list[psutil.Process] = []
        self.ports: set[int] = set()

    @property
    def run_name(self) -> str:
        """The name of the latest run."""
        name: str = events(self.folder / "report", "started")[-1]["run"]
        return name

    def look(self, run: subprocess.Popen[str]) -> None:
        """See what is there in the middle of a run."""
        self.children = children_of(run)
        for process in self.children:
            self.ports |= {
                each.laddr.port
                for each in process.net_connections("tcp")
                if each.status == psutil.CONN_LISTEN
            }
        assert self.children
        assert len(self.ports) >= 3
        assert self.folders()
        assert self.declared(self.run_name)

    def folders(self) -> list[str]:
        """Folders of runs."""
        return [each.name for each in self.temporary.glob("scicat-harness/runs/*")]

    def declared(self, run: str) -> list[str]:
        """Queues and exchanges of a run on the broker."""
        connection = pika.BlockingConnection(
            pika.ConnectionParameters(self.broker.host, self.broker.port, heartbeat=0)
        )
        found = []
        with connection:
            for kind, name in (("queue", QUEUE), ("exchange", EXCHANGE)):
                channel = connection.channel()
                try:
                    getattr(channel, f"{kind}_declare")(f"{run}.{name}", passive=True)
                except ChannelClosedByBroker:
                    continue
                found.append(kind)
        return found

    def processes(self) -> list[psutil.Process]:
        """Those that are still there."""
        alive: list[psutil.Process] = psutil.wait_procs(self.children, timeout=GONE)[1]
        return alive

    def listening(self) -> list[int]:
        """Ports that still answer."""
        return [each for each in self.ports if _answers(each)]


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def traces(tmp_path: Path, broker: BrokerAddress, monkeypatch: pytest.MonkeyPatch) -> Traces:
    """Of runs that keep their files below this test's folder."""
    made = Traces(tmp_path, broker)
    monkeypatch.setenv("XDG_STATE_HOME", str(made.temporary))
    return made


def arguments(broker: BrokerAddress, *more: str) -> tuple[str, ...]:
    """A run that takes a moment, on the given broker."""
    given = ("run", "--profile=smoke", "--only=denied", "--report-dir=report")
    return (*given, f"--broker={broker.url}", *more)


def finish(traces: Traces, end: Ending, *more: str) -> tuple[int, str]:
    """Run, look in the middle, end it so; exit code and output."""
    (traces.folder / "report" / "events.jsonl").unlink(missing_ok=True)
    with started(*arguments(traces.broker, *more), cwd=traces.folder) as run:
        wait_for(run, lambda: bool(events(traces.folder / "report", "started")))
        traces.look(run)
        end(run)
        output, _ = run.communicate(timeout=GONE)
    return run.returncode, output


ENDINGS: dict[str, tuple[Ending, tuple[str, ...], int]] = {
    "passed": (in_peace, (), 0),
    "failed": (in_peace, ("--defect=actions.email.skipped",), 1),
    "SIGINT": (by(signal.SIGINT), ("--audit=30",), 2),
    "SIGTERM-with-workers": (by(signal.SIGTERM), ("--audit=30", "-n2"), 2),
}


@pytest.mark.parametrize(("end", "more", "code"), ENDINGS.values(), ids=ENDINGS)
def test_nothing_is_left_of_a_run(
    end: Ending, more: tuple[str, ...], code: int, traces: Traces
) -> None:
    ended, output = finish(traces, end, *more)
    assert ended == code, output
    assert "Traceback" not in output
    assert traces.processes() == []
    assert traces.listening() == []
    assert traces.folders() == []
    assert traces.declared(traces.run_name) == []


def test_what_a_killed_run_leaves_is_removed_by_the_next(traces: Traces) -> None:
    ended, _ = finish(traces, lambda run: run.kill(), "--audit=30")
    killed = traces.run_name
    assert ended == -signal.SIGKILL
    assert traces.processes() == []
    assert traces.listening() == []
    assert traces.folders() != []
    assert traces.declared(killed) == ["queue", "exchange"]
    code, output = finish(traces, in_peace)
    assert code == 0, output
    assert traces.run_name != killed
    assert traces.folders() == []
    assert traces.declared(killed) == []
