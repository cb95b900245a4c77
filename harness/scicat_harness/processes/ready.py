"""The ready file of a child: its content says at which ports the child can be reached."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from scicat_harness.errors import DeadlineExceeded
from scicat_harness.processes.child import Child

__all__ = ["read_when_ready"]

_FIRST_DELAY = 0.005
_LONGEST_DELAY = 0.1


def read_when_ready(ready: Path, child: Child, deadline: float) -> Any:
    """Return the JSON content of a file that the child renames into place when it is ready.

    Raises EnvironmentFault when the child ends before, and DeadlineExceeded after ``deadline``
    seconds; the child is stopped then.
    """
    give_up = time.monotonic() + deadline
    delay = _FIRST_DELAY
    # Renamed into place: once it exists it is complete.
    while not ready.exists():
        if child.ended.wait(delay):
            raise child.died()
        if time.monotonic() >= give_up:
            child.stop()
            raise DeadlineExceeded(
                f"{child.name}: not ready within {deadline:g} s; the last lines were:\n"
                f"{child.last_lines()}"
            )
        delay = min(delay * 2, _LONGEST_DELAY)
    return json.loads(ready.read_text(encoding="utf-8"))
