"""Loopback sockets: bound before the server starts, so that no port is ever guessed twice."""

from __future__ import annotations

import socket

__all__ = ["free_port", "listening_socket"]

_BACKLOG = 256


def listening_socket() -> socket.socket:
    """A listening socket on a free loopback port; created with IPPROTO_TCP so Nagle can be off."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind(("127.0.0.1", 0))
    found.listen(_BACKLOG)
    return found


def free_port() -> int:
    """A loopback port that was free a moment ago, for servers that must bind their own."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
