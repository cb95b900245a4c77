"""Loopback sockets: bound before a server starts, so that nobody can take its port in between."""

from __future__ import annotations

import contextlib
import socket

__all__ = ["free_port", "free_ports", "listening_socket", "refusing_socket"]

_BACKLOG = 256


def listening_socket(port: int = 0, host: str = "127.0.0.1") -> socket.socket:
    """Return a listening socket, on loopback and any free port unless others are given.

    Raises OSError when the port is taken.
    """
    # asyncio sets TCP_NODELAY on accepted connections only if the protocol is named here.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A given port may have been in use a moment ago, with connections in TIME_WAIT.
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(_BACKLOG)
    except OSError:
        found.close()
        raise
    return found


def refusing_socket(host: str = "127.0.0.1", *, shared: bool = False) -> socket.socket:
    """Return a bound socket that does not listen: connections to its port are refused.

    No other process can get the port while the socket is open, except if ``shared``: then a socket
    of the same user that sets SO_REUSEPORT can listen at it, and gets all connections.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if shared:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    found.bind((host, 0))
    return found


def free_port() -> int:
    """Return a loopback port that was free a moment ago, for servers that bind it themselves.

    Another process may take it in between; prefer ``listening_socket`` where a server accepts one.
    """
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Return ``count`` different ports as ``free_port`` does."""
    # All are held until the last is bound: the system may give a released port out again.
    with contextlib.ExitStack() as stack:
        probes = [
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            for _ in range(count)
        ]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
