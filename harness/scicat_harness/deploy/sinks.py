"""Start the sinks of a run, in a process of their own that all workers share."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from scicat_harness.processes.child import Child, module_environment
from scicat_harness.processes.children import Children
from scicat_harness.processes.ready import read_when_ready
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.client import Sinks

__all__ = ["start_sinks", "token_pattern"]

_START_DEADLINE = 20.0


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
    child = children.start(
        lambda: Child.start(
            "the sinks",
            command,
            env=module_environment(),
            cwd=folder,
            log=folder / "sinks.log",
        )
    )
    address = SinksAddress.from_json(read_when_ready(ready, child, _START_DEADLINE))
    if amqp_url is not None:
        # Not as an option: everybody on the machine can read command lines, and the password.
        with Sinks(address) as sinks:
            sinks.amqp.connect(amqp_url)
    return address
