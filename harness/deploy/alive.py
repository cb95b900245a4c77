"""Whether a process of this machine is there."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["is_alive"]


def is_alive(pid: int) -> bool:
    """Whether there is such a process, ours or not; one that waits to be buried is not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False  # gone by now, or a system without /proc: what kill said stands
    # The name in parentheses may contain anything; the state follows it.
    return text.rpartition(")")[2].split()[:1] == ["Z"]
