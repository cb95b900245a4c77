"""Look up processes of this machine by id, not confused with later ones that get the same id."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["is_alive", "started_at"]

_STATE, _START = 0, 19
"""Fields of /proc/PID/stat after the name (proc(5))."""


def is_alive(pid: int, started: str | None = None) -> bool:
    """Return whether a process with this id runs; a zombie does not count.

    ``started`` is the result of an earlier ``started_at(pid)``: process ids are used again, and
    another process with the same id has another start time. None accepts any process.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # A process of another user; its state is not looked at.
        return started is None or started_at(pid) == started
    fields = _fields(pid)
    if not fields:
        return True  # a system without /proc: the answer of kill is all there is
    return fields[_STATE] != "Z" and started in (None, fields[_START])


def started_at(pid: int) -> str | None:
    """Return the start time of a process in clock ticks since boot, as text.

    None where there is no such process or no ``/proc``.
    """
    fields = _fields(pid)
    return fields[_START] if fields else None


def _fields(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    # The name in parentheses may contain anything; the state follows it.
    return text.rpartition(")")[2].split()
