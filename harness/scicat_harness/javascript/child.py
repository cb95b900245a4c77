"""A child process that answers requests as JSON lines, each within a deadline."""

from __future__ import annotations

import json
import os
import re
import selectors
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any

from scicat_harness.javascript.failure import EngineFault

__all__ = ["AnsweringProcess"]

_MOST_OUTPUT = 800
"""Most characters of its standard error in a message, from the end."""
# What Node prints for an error that nobody catches: its place, and the error above the stack.
_UNCAUGHT = re.compile(
    r"^(?P<place>\S.*:\d+)$.*?^(?P<error>\w*Error\b[^\n]*)", re.MULTILINE | re.DOTALL
)
_GRACE = 2.0
"""Seconds between closing its input and killing it."""


class AnsweringProcess:
    """Owns a child process: ``ask`` starts it if it is not running, ``close`` ends it.

    Not for use by several threads: requests and answers are paired by their order. ``name`` stands
    for the process in messages.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], name: str = "Node"
    ) -> None:
        self._name = name
        self._command = list(command)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._unread = b""

    @property
    def pid(self) -> int | None:
        """The process id, or None while no process runs."""
        return self._process.pid if self._process else None

    def ask(self, request: Mapping[str, Any], seconds: float) -> Any:
        """Send one request and return the parsed answer.

        Raises EngineFault if there is no answer within these seconds, if the process ends, or if
        the answer is not JSON. The process is ended then; the next request starts another.
        """
        try:
            process = self._running()
            line = json.dumps(request).encode() + b"\n"
            return json.loads(self._exchange(process, line, time.monotonic() + seconds))
        except TimeoutError:
            self.close()
            raise EngineFault(f"{self._name} took longer than {seconds:g} s") from None
        except (OSError, EOFError) as error:
            raise EngineFault(f"{self._name} ended: {self._exit_message(error)}") from None
        except ValueError:
            self.close()
            raise EngineFault(f"{self._name} answered something that is not JSON") from None
        except BaseException:
            # Ctrl-C, for example: a half-read answer would be taken for the next one.
            self.close()
            raise

    def close(self) -> None:
        """End the process; does nothing if none runs."""
        process, self._process = self._process, None
        if process is not None:
            self._end(process)
        if self._errors is not None:
            self._errors.close()
            self._errors = None
        self._unread = b""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            # A file, since a pipe that nobody reads would block the process when it is full.
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=self._environment,
                bufsize=0,
            )
            # A blocking write or read could not keep a deadline.
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                os.set_blocking(pipe.fileno(), False)
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], line: bytes, until: float) -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        # Both directions at once: a large request and a large answer would block each other.
        with selectors.DefaultSelector() as ready:
            ready.register(process.stdout, selectors.EVENT_READ)
            ready.register(process.stdin, selectors.EVENT_WRITE)
            while b"\n" not in self._unread:
                left = until - time.monotonic()
                events = ready.select(left) if left > 0 else []
                if not events:
                    raise TimeoutError
                for key, _ in events:
                    if key.fileobj is process.stdin:
                        line = line[os.write(key.fd, line) :]
                        if not line:
                            ready.unregister(process.stdin)
                    else:
                        self._take(os.read(key.fd, 1 << 20))
        answer, _, self._unread = self._unread.partition(b"\n")
        return answer

    def _take(self, chunk: bytes) -> None:
        if not chunk:
            raise EOFError
        self._unread += chunk

    def _exit_message(self, error: BaseException) -> str:
        """End the process and return its exit code with the end of its standard error."""
        process = self._process
        if process is not None:
            self._end(process)
        output = ""
        if self._errors is not None:
            self._errors.seek(0)
            output = self._errors.read().decode("utf-8", "replace").strip()
        code = f"exit code {process.returncode}" if process else str(error)
        self.close()
        return f"{code}; {_cause(output)}" if output else code

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            # It ends with its input, unless it is in an endless loop and does not read it.
            process.wait(_GRACE if process.poll() is None else 0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _cause(output: str) -> str:
    """Return place and message of the error that ended Node, or the end of its output."""
    found = _UNCAUGHT.search(output)
    return f"{found['place']}: {found['error']}" if found is not None else output[-_MOST_OUTPUT:]
