"""Start the sinks of a run, in a process of their own that all workers share."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from scicat_harness.errors import DeadlineExceeded
from scicat_harness.paths import IMPORT_ROOT
from scicat_harness.processes.child import Child, inherited_environment
from scicat_harness.processes.children import Children
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.client import Sinks

__all__ = ["start_sinks", "token_pattern"]

_START_DEADLINE = 20.0
_FIRST_DELAY = 0.005
_LONGEST_DELAY = 0.1


def token_pattern(run: str) -> str:
    """Return a regular expression for the correlation tokens of a run.

    For example, ``harness-4f381c11-gw0-0000042``: the run, the worker and a number.
    """
    return rf"{re.escape(run)}-[a-z0-9]+-\d{{7}}"


def start_sinks(
    folder: Path,
    run: str,
    children: Children,
    *,
    amqp_url: str | None = None,
    host: str = "127.0.0.1",
) -> SinksAddress:
    """Start the sinks and return their address; ``folder`` gets ``journal.jsonl`` and a log.

    They listen on ``host`` and, with ``amqp_url``, collect messages from that broker. Raises
    EnvironmentFault when they end at once, DeadlineExceeded when they are not ready within 20 s.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ready = folder / "sinks.json"
    # The file of an earlier start in this folder would name ports that nobody listens at.
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "scicat_harness.sinks", "--exit-with-stdin"]
    command += ["--token-pattern", token_pattern(run), "--host", host]
    command += ["--ready", str(ready), "--journal", str(folder / "journal.jsonl")]
    root = str(IMPORT_ROOT)
    child = children.start(
        lambda: Child.start(
            "the sinks",
            command,
            env={**inherited_environment(), "PYTHONPATH": root, "PYTHONUNBUFFERED": "1"},
            cwd=folder,
            log=folder / "sinks.log",
        )
    )
    address = _address(ready, child)
    if amqp_url is not None:
        # Not as an option: everybody on the machine can read command lines, and the password.
        with Sinks(address) as sinks:
            sinks.amqp.connect(amqp_url)
    return address


def _address(ready: Path, child: Child) -> SinksAddress:
    give_up = time.monotonic() + _START_DEADLINE
    delay = _FIRST_DELAY
    while not ready.exists():
        if child.ended.wait(delay):
            raise child.died()
        if time.monotonic() >= give_up:
            raise DeadlineExceeded(
                f"the sinks were not ready within {_START_DEADLINE:g} s; their last lines were:\n"
                f"{child.last_lines()}"
            )
        delay = min(delay * 2, _LONGEST_DELAY)
    return SinksAddress.from_json(json.loads(ready.read_text(encoding="utf-8")))
