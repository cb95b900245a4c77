"""The keeper of a private RabbitMQ node: a small process that outlives the harness by a moment.

``python -m scicat_harness.broker.keeper FOLDER SERVER`` starts epmd and SERVER with its own
environment, in a process group of their own. It ends both, and removes FOLDER, when the node ends,
on SIGTERM, or when its standard input ends: that is, also when the harness is killed. A node has no
data to keep, so it gets SIGKILL at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scicat_harness.processes.stdin import on_end_of_stdin

__all__ = ["main"]

_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_GRACE = 3.0
_STEP = 0.01


def main(arguments: Sequence[str] | None = None) -> int:
    """Keep a node until it is to end; return 0, or its exit code if it ended by itself.

    A node that ends by itself with code 0 counts as a failure, too: exit code 1.
    """
    folder, server = (sys.argv[1:] if arguments is None else list(arguments))[:2]
    try:
        return asyncio.run(_keep(server))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _keep(server: str) -> int:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)
    on_end_of_stdin(done.set)
    # Group 0 is a new one, which the node joins: one signal ends both.
    epmd = _start(["epmd", "-port", os.environ["ERL_EPMD_PORT"]], group=0)
    try:
        await _listening(int(os.environ["ERL_EPMD_PORT"]), done)
        # With RABBITMQ_ALLOW_INPUT the script becomes the node, which ends with its input.
        node = _start([server], group=epmd.pid)
        Path(os.environ["SCICAT_KEEPER_PIDS"]).write_text(f"{node.pid} {epmd.pid}\n")
        watch = asyncio.create_task(asyncio.to_thread(node.wait))
        stopped = asyncio.create_task(done.wait())
        await asyncio.wait({watch, stopped}, return_when=asyncio.FIRST_COMPLETED)
        # Before it is killed: None says that it was asked to end.
        code = node.poll()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(epmd.pid, signal.SIGKILL)
    for process in (node, epmd):
        process.wait(_GRACE)
    await watch
    return 0 if code is None else code or 1


def _start(command: list[str], *, group: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        process_group=group,
        # This process has one thread when it starts children, so that this is safe.
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )


async def _listening(port: int, done: asyncio.Event) -> None:
    """Return once epmd listens; a node does not wait for its epmd."""
    async with asyncio.timeout(_GRACE):
        while not done.is_set():
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), _STEP)


def _end_with_parent() -> None:
    # Linux kills the child when the keeper dies, even by SIGKILL.
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
