"""Whether a process is there, and is the one that was meant."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scicat_harness.state.alive import is_alive, started_at

needs_proc = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc")


def test_ours_is_alive() -> None:
    assert is_alive(os.getpid())
    assert is_alive(os.getpid(), started_at(os.getpid()))


def test_one_that_was_buried_is_not() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert not is_alive(process.pid)


@needs_proc
def test_one_that_waits_to_be_buried_is_not() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()  # it has closed its output: it is about to end
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(process.pid)
    process.wait()
    process.stdout.close()


@needs_proc
def test_another_with_the_same_number_is_not_the_one() -> None:
    assert not is_alive(os.getpid(), "1")
    assert started_at(os.getpid()) != "1"


def test_nobody_knows_when_a_missing_process_was_started() -> None:
    assert started_at(2**22 + 1) is None
