"""Listening sockets of the sinks: on a free port, without Nagle's delays."""

from __future__ import annotations

import socket

from harness.errors import EnvironmentFault

__all__ = ["listening_socket"]

_BACKLOG = 512


def listening_socket(host: str) -> socket.socket:
    """On a free port of this address; an EnvironmentFault when there is none."""
    # Accepted connections get TCP_NODELAY only if the protocol is named here.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, 0))
        found.listen(_BACKLOG)
    except OSError as error:
        found.close()
        raise EnvironmentFault(f"cannot listen on {host}: {error.strerror or error}") from None
    return found
