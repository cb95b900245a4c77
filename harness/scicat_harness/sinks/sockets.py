"""Listening sockets of the sinks: on a free port, without Nagle's delays."""

from __future__ import annotations

import socket

from scicat_harness.errors import EnvironmentFault

__all__ = ["listening_socket"]

_BACKLOG = 512


def listening_socket(host: str, port: int = 0, *, held: bool = False) -> socket.socket:
    """Return a socket that listens at ``host``, on a free port or the one given.

    ``held``: the port is held by a socket that shares it and does not listen. Raises
    EnvironmentFault when the port is taken.
    """
    # Accepted connections get TCP_NODELAY only if the protocol is named here.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if held:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        found.bind((host, port))
        found.listen(_BACKLOG)
    except OSError as error:
        found.close()
        where = f"{host}:{port}" if port else host
        raise EnvironmentFault(f"cannot listen on {where}: {error.strerror or error}") from None
    return found
