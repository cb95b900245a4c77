"""This machine as backends see it: where our listeners listen, and how they are reached."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LOOPBACK", "Host"]


@dataclass(frozen=True, slots=True)
class Host:
    """``bind`` is an address of this machine; backends reach what listens on it as ``seen``."""

    bind: str = "127.0.0.1"
    seen: str = "127.0.0.1"


LOOPBACK = Host()
"""For backends that are processes of this machine."""
