"""The process of sinks: how it starts, what it announces, and every way it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from scicat_harness.deploy.sinks import start_sinks
from scicat_harness.errors import EnvironmentFault
from scicat_harness.processes.children import Children
from scicat_harness.sinks.__main__ import main
from scicat_harness.sinks.behaviour import HttpAnswer
from scicat_harness.sinks.client import Sinks
from scicat_harness.sinks.journal import Awaited
from tests.sinks.wire import call

PATTERN = r"t-\d{7}"
COMMAND = [sys.executable, "-m", "scicat_harness.sinks", "--token-pattern", PATTERN]
PARENT = """
import subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
print(child.pid, child.stdout.readline(), flush=True)
child.wait()
"""


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], Sinks]]:
    """A process of sinks, and a client of it."""
    with subprocess.Popen(
        [*COMMAND, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            with Sinks.from_json(json.loads(process.stdout.readline())) as sinks:
                yield process, sinks
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(number: signal.Signals) -> None:
    with running() as (process, sinks):
        assert sinks.health().arrivals == 0
        process.send_signal(number)
        assert process.wait(5) == 0


def test_the_end_of_standard_input_ends_it_in_the_middle_of_everything() -> None:
    with running("--exit-with-stdin") as (process, sinks):
        assert process.stdin is not None
        closing = threading.Timer(0.2, process.stdin.close)
        with sinks.behaving("t-0000001", HttpAnswer(500)):
            closing.start()
            with pytest.raises(EnvironmentFault, match=r"did not answer|0 of 1"):
                sinks.wait(Awaited("t-0000001"), timeout=20)
        closing.join()
        assert process.wait(5) == 0


def test_nothing_is_left_when_the_parent_is_killed() -> None:
    command = [sys.executable, "-c", PARENT, *COMMAND, "--exit-with-stdin"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid, _, line = parent.stdout.readline().partition(" ")
        child = psutil.Process(int(pid))
        assert json.loads(line)["control"]
        os.kill(parent.pid, signal.SIGKILL)
    child.wait(5)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--token-pattern", "("], 3, "token pattern '('"),
        (["--token-pattern", "x", "--host", "192.0.2.1"], 2, "cannot listen on 192.0.2.1"),
        (["--token-pattern", "x", "--journal", "/"], 3, "cannot write the journal /"),
        (["--token-pattern", "x", "--amqp-url", "ftp://u:pw@h"], 3, "AMQP address 'ftp://h'"),
        (
            ["--token-pattern", "x", "--amqp-url", "amqp://u:pw@127.0.0.1:1"],
            2,
            "cannot connect to the AMQP broker at amqp://127.0.0.1:1",
        ),
    ],
)
def test_wrong_options_end_in_one_line(
    options: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(options) == code
    told = capsys.readouterr().err
    assert said in told
    assert "pw" not in told
    assert len(told.splitlines()) == 1


def test_started_as_a_child(tmp_path: Path) -> None:
    children = Children()
    try:
        address = start_sinks(tmp_path, "harness-1", children)
        call(address.url, "/harness-1-gw3-0000012")
        with Sinks(address) as sinks:
            (arrival,) = sinks.after(0)
        assert arrival.correlation == "harness-1-gw3-0000012"
    finally:
        children.close()
    (line,) = (tmp_path / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["seq"] == 1
    assert (tmp_path / "sinks.log").read_text(encoding="utf-8") == ""


def test_a_client_of_sinks_that_ended_says_so() -> None:
    with running() as (process, sinks):
        assert sinks.health().arrivals == 0
        process.kill()
        process.wait(5)
        with pytest.raises(
            EnvironmentFault, match=r"did not answer GET /health .* have they ended"
        ):
            sinks.health()


def test_what_cannot_start_shows_its_last_lines(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").mkdir()
    children = Children()
    with pytest.raises(EnvironmentFault, match=r"(?s)the sinks ended.*cannot write the journal"):
        start_sinks(tmp_path, "harness-1", children)
    children.close()
