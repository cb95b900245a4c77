"""Commands end within their deadline, with everything that they started."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from scicat_harness.command import run_command
from scicat_harness.errors import DeadlineExceeded, EnvironmentFault

_PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "w").write(str(child.pid))
time.sleep(60)
"""
"""Its child holds the output open."""


def test_what_is_said_and_how_it_ended() -> None:
    done = run_command(
        [sys.executable, "-c", "import sys; print('x'); print('y', file=sys.stderr); sys.exit(3)"],
        seconds=30,
        env=os.environ,
    )
    assert (done.code, done.output, done.errors) == (3, "x\n", "y\n")


def test_errors_stand_in_the_output_where_that_is_wanted() -> None:
    said = "import sys; print('y', file=sys.stderr)"
    done = run_command([sys.executable, "-c", said], seconds=30, env=os.environ, merged=True)
    assert done.output == "y\n"


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(EnvironmentFault, match="'no-such-command' cannot be started"):
        run_command(["no-such-command"], seconds=1, env=os.environ)


def ends(number: int) -> bool:
    """Whether a process ends within two seconds; a killed one is listed for a moment."""
    for _ in range(100):
        try:
            if psutil.Process(number).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_what_it_started_ends_with_it(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded, match="took more than 1 s"):
        run_command(
            [sys.executable, "-c", _PARENT, str(tmp_path / "pid")], seconds=1, env=os.environ
        )
    assert time.monotonic() - began < 20
    child = int((tmp_path / "pid").read_text())
    assert ends(child)
