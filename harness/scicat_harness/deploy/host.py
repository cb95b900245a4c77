"""This machine as backends see it: where our listeners listen, and how they are reached."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["INSIDE", "LOOPBACK", "Host"]


@dataclass(frozen=True, slots=True)
class Host:
    """``bind`` is an address of this machine; backends reach what listens on it as ``seen``.

    ``bind`` None: they reach nothing here, and ``seen`` is where the sinks are.
    """

    bind: str | None = "127.0.0.1"
    seen: str = "127.0.0.1"


LOOPBACK = Host()
"""For backends that are processes of this machine."""
INSIDE = Host(None, "sinks")
"""For sinks among the backends, under a name of their network."""
