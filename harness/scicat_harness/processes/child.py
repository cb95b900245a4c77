"""Child processes: started with a log file, watched, and ended by their own process id."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from scicat_harness.errors import EnvironmentFault
from scicat_harness.paths import IMPORT_ROOT
from scicat_harness.processes.running import died, last_lines
from scicat_harness.state.runs import inherited_locks

__all__ = ["Child", "inherited_environment", "module_environment"]

_STOP_DEADLINE = 5.0
"""Seconds between SIGTERM and SIGKILL."""


class Child:
    """A running process whose output goes to a log file.

    Its standard input is a pipe that this process holds open. A child that reads it sees its end
    when this process ends, even by SIGKILL::

        with Child.start("the sinks", command, env=env, cwd=folder, log=log) as child:
            ...
    """

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self.ended = threading.Event()
        self._process = process
        # A thread sets the event, so that several others can wait for the end with deadlines.
        self._watch = threading.Thread(target=self._wait, name=f"watch-{name}", daemon=True)
        self._watch.start()

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        pass_fds: Sequence[int] = (),
    ) -> Child:
        """Start a command and return it.

        ``name`` is what messages call it; standard output and error go to ``log``, in order. The
        child inherits the locks of run folders and ``pass_fds``, and no other descriptor. Raises
        EnvironmentFault, naming the binary, when it cannot be started.
        """
        try:
            with log.open("wb") as output:
                process = subprocess.Popen(
                    list(command),
                    env=dict(env),
                    cwd=cwd,
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # A child that outlives this process keeps the run folder from being removed.
                    pass_fds=(*pass_fds, *inherited_locks()),
                    # Ctrl-C reaches the harness only, which ends its children in order.
                    start_new_session=True,
                )
        except FileNotFoundError:
            raise EnvironmentFault(
                f"{name}: {command[0]!r} is not installed or not on the PATH"
            ) from None
        except OSError as error:
            raise EnvironmentFault(
                f"{name}: cannot start {command[0]!r}: {error.strerror}"
            ) from None
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll()

    def output(self) -> str:
        """Return everything it printed; empty when the log is gone."""
        with contextlib.suppress(OSError):
            return self.log.read_text(encoding="utf-8", errors="replace")
        return ""

    def last_lines(self) -> str:
        """Return the end of the log, for an error message."""
        return last_lines(self.output())

    def died(self) -> EnvironmentFault:
        """Return an error with the exit code and the last lines."""
        return died(self)

    def stop(self) -> None:
        """End it by SIGTERM, after 5 s by SIGKILL; safe to call twice."""
        # End of input is the first sign: children that read it end by themselves.
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        if self._process.poll() is None:
            self._process.terminate()
            if not self.ended.wait(_STOP_DEADLINE):
                self._process.kill()
        self._watch.join(_STOP_DEADLINE)

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _wait(self) -> None:
        self._process.wait()
        self.ended.set()


def inherited_environment() -> dict[str, str]:
    """Return the variables of this process that any program needs, such as ``PATH``.

    All others are left out: a variable such as ``SMTP_HOST`` would configure a backend.
    """
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONPATH")
    return {name: os.environ[name] for name in kept if name in os.environ}


def module_environment() -> dict[str, str]:
    """Return the variables for a child that runs a module of this package, installed or not."""
    return {
        **inherited_environment(),
        "PYTHONPATH": str(IMPORT_ROOT),
        "PYTHONUNBUFFERED": "1",
    }
