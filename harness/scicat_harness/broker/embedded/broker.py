"""The server of the embedded broker: a listening socket, connections, and one virtual host."""

from __future__ import annotations

import asyncio
import socket

from scicat_harness.broker.embedded.connection import Connection
from scicat_harness.broker.embedded.handshake import Credentials
from scicat_harness.broker.embedded.vhost import VirtualHost
from scicat_harness.model.topology import Topology

__all__ = ["EmbeddedServer"]

_FORCED = 320
"""connection-forced: an operator closed the connection."""


class EmbeddedServer:
    """Serves AMQP on a listening socket, in the running event loop.

    ``account`` is the only one that may log in.
    """

    def __init__(self, account: Credentials) -> None:
        self._account = account
        self._vhost = VirtualHost()
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Begin to accept clients."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accepted, sock=listener)

    def connections(self) -> list[Connection]:
        """Return the connections whose handshake is over, sorted by port."""
        found = [each for each in self._connections if each.running]
        return sorted(found, key=lambda each: each.port)

    def topology(self) -> Topology:
        """Return the exchanges and bindings."""
        return self._vhost.topology()

    def force_close(self, connection: Connection) -> None:
        """Close a connection as an operator of RabbitMQ does, with 320 CONNECTION_FORCED."""
        connection.close(_FORCED, "CONNECTION_FORCED - closed by the harness")

    def close(self) -> None:
        """Stop listening, and reset every connection."""
        if self._server is not None:
            self._server.close()
        # A copy: each connection that ends removes itself from the set.
        for connection in list(self._connections):
            connection.reset()

    def _accepted(self) -> Connection:
        # Not listed by connections() before its handshake is over, but closed with the others.
        connection = Connection(self._vhost, self._account, self._connections.discard)
        self._connections.add(connection)
        return connection
