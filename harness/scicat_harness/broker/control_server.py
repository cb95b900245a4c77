"""The control port of a broker child: one JSON object per line, one reply per line.

    {"do": "connections"}                                -> {"result": [{"name", "port"}, ...]}
    {"do": "close", "ports": [1, 2], "graceful": true}   -> {"result": 2}
    {"do": "topology"}                                   -> {"result": {"exchanges", "routes"}}
    {"do": "open-proxy"}                                 -> {"result": PORT}
    {"do": "proxy", "port": PORT, "mode": "refuse"}      -> {"result": null}
    {"do": "cut", "port": PORT}                          -> {"result": 2}
    {"do": "target-ports", "port": PORT}                 -> {"result": [1, 2]}

A request that cannot be carried out gets the reply ``{"error": TEXT}``.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from typing import Any

from scicat_harness.broker.embedded.broker import EmbeddedServer
from scicat_harness.broker.proxy import FaultProxy, ProxyMode
from scicat_harness.processes.sockets import listening_socket

__all__ = ["ControlServer"]


class ControlServer:
    """Serves control requests in the running event loop.

    ``broker`` is None in a child with proxies alone. Proxies listen at ``host`` and forward to
    ``target``, a host and a port.
    """

    def __init__(
        self, broker: EmbeddedServer | None, target: tuple[str, int], host: str = "127.0.0.1"
    ) -> None:
        self._broker = broker
        self._host = host
        self._target = target
        self._proxies: dict[int, FaultProxy] = {}
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Begin to accept control connections."""
        self._server = await asyncio.start_server(self._serve, sock=listener)

    def close(self) -> None:
        """Stop listening, and close every proxy."""
        if self._server is not None:
            self._server.close()
        for proxy in self._proxies.values():
            proxy.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass  # the client is gone, or the child ends
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> Mapping[str, Any]:
        try:
            request = json.loads(line)
            # The only action that waits for something.
            if request["do"] == "open-proxy":
                return {"result": await self._open_proxy()}
            return {"result": self._actions[request["do"]](request)}
        except (KeyError, TypeError, ValueError, LookupError) as error:
            # An unknown action, port or mode, a missing field, or a line that is not JSON.
            return {"error": f"{type(error).__name__}: {error}"}

    @property
    def _actions(self) -> Mapping[str, Callable[[Mapping[str, Any]], object]]:
        return {
            "connections": lambda _: self._connections(),
            "close": self._close,
            "topology": lambda _: self._here().topology().to_json(),
            "proxy": lambda request: self._proxy(request).change(ProxyMode(request["mode"])),
            "cut": lambda request: self._proxy(request).cut(),
            "target-ports": lambda request: self._proxy(request).target_ports(),
        }

    def _connections(self) -> list[dict[str, object]]:
        found = self._here().connections()
        return [{"name": each.name, "port": each.port} for each in found]

    def _close(self, request: Mapping[str, Any]) -> int:
        # A port that is not connected any more is no error: clients may leave at any time.
        broker = self._here()
        meant = [each for each in broker.connections() if each.port in request["ports"]]
        for connection in meant:
            if request["graceful"]:
                broker.force_close(connection)
            else:
                connection.reset()
        return len(meant)

    async def _open_proxy(self) -> int:
        proxy = FaultProxy(self._target)
        await proxy.start(listening_socket(host=self._host))
        self._proxies[proxy.port] = proxy
        return proxy.port

    def _proxy(self, request: Mapping[str, Any]) -> FaultProxy:
        return self._proxies[request["port"]]

    def _here(self) -> EmbeddedServer:
        """Return the broker of this child; raise LookupError if it has proxies alone."""
        if self._broker is None:
            raise LookupError("this child has proxies only, no broker")
        return self._broker
