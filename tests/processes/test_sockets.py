"""Loopback ports for tests of refusals."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from scicat_harness.processes.sockets import listening_socket, refusing_socket


def test_nobody_is_let_in_where_nobody_listens() -> None:
    with closing(refusing_socket()) as held, pytest.raises(ConnectionRefusedError):
        socket.create_connection(held.getsockname(), timeout=5).close()


def test_the_port_that_refuses_is_held() -> None:
    with closing(refusing_socket()) as held, pytest.raises(OSError, match="in use"):
        listening_socket(held.getsockname()[1])


def test_a_shared_port_is_served_while_somebody_listens() -> None:
    with closing(refusing_socket(shared=True)) as held:
        address = held.getsockname()
        with closing(socket.socket()) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            server.bind(address)
            server.listen()
            socket.create_connection(address, timeout=5).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=5).close()
