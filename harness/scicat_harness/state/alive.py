"""Whether a process of this machine is there, and whether it is the one that was meant."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["is_alive", "started_at"]

_STATE, _START = 0, 19
"""Fields of /proc/PID/stat after the name (proc(5))."""


def is_alive(pid: int, started: str | None = None) -> bool:
    """Whether there is such a process, ours or not; one that waits to be buried is not.

    ``started``: what ``started_at`` said of it; another process with its number is not it.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return started is None or started_at(pid) == started
    fields = _fields(pid)
    if not fields:
        return True  # a system without /proc: what kill said stands
    return fields[_STATE] != "Z" and started in (None, fields[_START])


def started_at(pid: int) -> str | None:
    """When a process was started, in ticks since boot; None where that cannot be seen."""
    fields = _fields(pid)
    return fields[_START] if fields else None


def _fields(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    # The name in parentheses may contain anything; the state follows it.
    return text.rpartition(")")[2].split()
