"""Child processes: started with a log, watched, and ended by their own id, whatever happens."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from scicat_harness.deploy.running import died, last_lines
from scicat_harness.errors import EnvironmentFault
from scicat_harness.state.runs import inherited_locks

__all__ = ["Child", "inherited_environment"]

_STOP_DEADLINE = 5.0


class Child:
    """A running process whose output goes to a log file.

    Its standard input is a pipe that we hold open: what watches it ends when we do, even when we
    are killed. Started in a session of its own, so that Ctrl-C reaches us alone and we end it in
    order.
    """

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self.ended = threading.Event()
        self._process = process
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
        """Start a command; a missing binary is an EnvironmentFault naming it."""
        try:
            with log.open("wb") as output:
                process = subprocess.Popen(
                    list(command),
                    env=dict(env),
                    cwd=cwd,
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # As long as a child lives, what the run made is in use.
                    pass_fds=(*pass_fds, *inherited_locks()),
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
        """Everything it printed."""
        with contextlib.suppress(OSError):
            return self.log.read_text(encoding="utf-8", errors="replace")
        return ""

    def last_lines(self) -> str:
        """The end of the log, for an error message."""
        return last_lines(self.output())

    def died(self) -> EnvironmentFault:
        """The error that says how it ended."""
        return died(self)

    def stop(self) -> None:
        """End it: politely, then by force; safe to call twice."""
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
    """What a child needs of ours to run at all; nothing that would configure a backend."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONPATH")
    return {name: os.environ[name] for name in kept if name in os.environ}
