"""This machine as backends see it: the address that sinks listen at, and the name for it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["INSIDE", "LOOPBACK", "Host"]


@dataclass(frozen=True, slots=True)
class Host:
    """An address ``bind`` of this machine, which backends reach under the name ``seen``.

    With ``bind`` None backends cannot reach this machine, and ``seen`` is the name of the sinks
    in their network::

        Host("127.0.0.1", "host.docker.internal")  # Docker Desktop
    """

    bind: str | None = "127.0.0.1"
    seen: str = "127.0.0.1"


LOOPBACK = Host()
"""For backends that are processes of this machine."""
INSIDE = Host(None, "sinks")
"""For sinks in a container among the backends (``--sinks inside``)."""
