"""A real backend for tests, where somebody has built one, and a database server for it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import pytest

from scicat_harness.deploy.mongo import ping
from scicat_harness.errors import EnvironmentFault
from scicat_harness.processes.sockets import free_port

__all__ = ["REAL", "Database", "mongo", "needs_real_backend"]

REAL = os.environ.get("SCICAT_CI_BACKEND_DIR")
"""A built checkout of the real backend, to try the same on it."""
MONGO = os.environ.get("SCICAT_CI_MONGO")
"""A command that serves MongoDB in the foreground; ``{port}`` stands for its port."""

needs_real_backend = pytest.mark.skipif(
    not (REAL and MONGO), reason="needs SCICAT_CI_BACKEND_DIR and SCICAT_CI_MONGO"
)


@dataclass(frozen=True)
class Database:
    """A database server of the test's own."""

    port: int
    process: psutil.Popen

    @property
    def uri(self) -> str:
        """Where it listens."""
        return f"mongodb://127.0.0.1:{self.port}"


@contextmanager
def mongo() -> Iterator[Database]:
    """A database server, until the end of the test."""
    assert MONGO is not None
    port = free_port()
    command = MONGO.format(port=port).split()
    with psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        database = Database(port, process)
        try:
            give_up = time.monotonic() + 60
            while True:
                try:
                    ping(database.uri, 1.0)
                    break
                except EnvironmentFault:
                    assert time.monotonic() < give_up
            yield database
        finally:
            process.kill()
