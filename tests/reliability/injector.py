"""``python -m tests.reliability.injector FAULT STAGE ARGUMENTS``: a run with one fault in it.

The run is that of the command line, in this process; the fault happens once, when the run comes to
the stage for the first time. Deadlines are shortened, so that what waits for a stopped process
gives up within seconds.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil

import scicat_harness.client.transport as transport
import scicat_harness.deploy.embedded as embedded
import scicat_harness.deploy.launch as launch
import scicat_harness.deploy.process as process
import scicat_harness.processes.child as child
import scicat_harness.sinks.connection as connection

_DEADLINE = 3.0
_NTH_REQUEST = 40
"""In the middle of the checks."""
_PROGRAMS = {
    "backend": ("scicat_harness.embedded", "main.js"),
    "broker": ("scicat_harness.broker",),
    "sinks": ("scicat_harness.sinks",),
}
"""What the command line of a child has in it, by what is to fail."""


class Fault:
    """Happens once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._done = False

    def happen(self) -> None:
        """Now, unless it has happened."""
        with self._lock:
            if self._done:
                return
            self._done = True
        if self.name.startswith("SIG"):
            os.kill(os.getpid(), getattr(signal, self.name))
        elif self.name == "disk-full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
        else:
            what, _, how = self.name.partition("-")
            for process in _found(what):
                process.send_signal(signal.SIGKILL if how == "killed" else signal.SIGSTOP)


def _found(what: str) -> list[psutil.Process]:
    """The processes that are meant; a fault that hits nothing is no fault, and ends the run."""
    give_up = time.monotonic() + _DEADLINE
    # The command line of a process that was started just now is empty for a moment.
    while not (found := _processes(what)):
        if time.monotonic() > give_up:
            print(f"the injector found no process of: {what}", file=sys.stderr, flush=True)
            os._exit(99)
    return found


def _processes(what: str) -> list[psutil.Process]:
    """The children that are meant, or the server that was given."""
    if what == "mongo":
        return [psutil.Process(int(os.environ["INJECTED_MONGO"]))]
    found = []
    for running in psutil.Process().children(recursive=True):
        line = " ".join(running.cmdline())
        if (
            any(each in line for each in _PROGRAMS[what])
            and "scicat_harness.broker.embedded" not in line
        ):
            found.append(running)
    return found


def _before(owner: Any, name: str, fault: Fault, nth: int = 1) -> None:
    """The fault happens when this is called for the nth time."""
    usual: Callable[..., Any] = getattr(owner, name)
    calls = iter(range(1, 1_000_000))

    def with_fault(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == nth:
            fault.happen()
        return usual(*args, **kwargs)

    setattr(owner, name, with_fault)


def _inject(fault: Fault, stage: str) -> None:
    from scicat_harness.judge import check, settle
    from scicat_harness.plugin import recorder, setup

    where = {
        "start": (launch, "wait_healthy", 1),
        "seeding": (setup, "furnish", 1),
        "checks": (check, "answered", _NTH_REQUEST),
        "settling": (settle.Settlement, "settle", 1),
        "clean-up": (setup.Setup, "close", 1),
        "reports": (recorder.Recorder, "finish", 1),
    }
    owner, name, nth = where[stage]
    _before(owner, name, fault, nth)


def main() -> None:
    """Run with a fault."""
    name, stage, *arguments = sys.argv[1:]
    usual = transport.Transport.__init__

    def impatient(self: Any, base_url: str, **options: Any) -> None:
        usual(self, base_url, **{**options, "deadline": _DEADLINE})

    transport.Transport.__init__ = impatient  # type: ignore[method-assign]
    connection._REPLY_DEADLINE = _DEADLINE
    # A stopped process does not end by itself, however long it is waited for.
    child._STOP_DEADLINE = 0.5
    embedded._START_DEADLINE = 2 * _DEADLINE
    process._START_DEADLINE = 10 * _DEADLINE
    _inject(Fault(name), stage)
    from scicat_harness.cli.main import main as command

    command(arguments)


if __name__ == "__main__":
    main()
