"""Loopback sockets: bound before the server starts, so that no port is ever guessed twice."""

from __future__ import annotations

import contextlib
import socket

__all__ = ["free_port", "free_ports", "listening_socket", "refusing_socket"]

_BACKLOG = 256


def listening_socket(port: int = 0, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket, on loopback and any free port unless others are given.

    Created with IPPROTO_TCP, so that Nagle can be off; raises OSError when the port is taken.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(_BACKLOG)
    except OSError:
        found.close()
        raise
    return found


def refusing_socket(host: str = "127.0.0.1") -> socket.socket:
    """A bound socket that does not listen: whoever connects to its port is refused.

    Nobody else can get the port while it is open.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.bind((host, 0))
    return found


def free_port() -> int:
    """A loopback port that was free a moment ago, for servers that must bind their own."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Several of them, all different."""
    with contextlib.ExitStack() as stack:
        probes = [
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            for _ in range(count)
        ]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
