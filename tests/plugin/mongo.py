"""A server that passes for MongoDB as far as a ping and a dropped database go."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bson

__all__ = ["mongo"]

_HEADER = struct.Struct("<iiii")
_OP_REPLY, _OP_MSG = 1, 2013
_HELLO: dict[str, Any] = {
    "ok": 1.0,
    "ismaster": True,
    "helloOk": True,
    "minWireVersion": 0,
    "maxWireVersion": 21,
    "maxBsonObjectSize": 16777216,
    "maxMessageSizeBytes": 48000000,
    "maxWriteBatchSize": 100000,
}


@contextmanager
def mongo(commands: list[dict[str, Any]]) -> Iterator[str]:
    """The URI of one that answers every command with ok; what it was told is kept."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        accepting = threading.Thread(
            target=_accept, args=(server, commands), name="mongo", daemon=True
        )
        accepting.start()
        yield f"mongodb://127.0.0.1:{server.getsockname()[1]}/"
        server.shutdown(socket.SHUT_RDWR)
        accepting.join(5)


def _accept(server: socket.socket, commands: list[dict[str, Any]]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(
            target=_serve, args=(connection, commands), name="mongo-client", daemon=True
        ).start()


def _serve(connection: socket.socket, commands: list[dict[str, Any]]) -> None:
    with connection:
        while head := connection.recv(_HEADER.size, socket.MSG_WAITALL):
            length, request, _, opcode = _HEADER.unpack(head)
            payload = connection.recv(length - _HEADER.size, socket.MSG_WAITALL)
            if opcode == _OP_MSG:
                commands.append(bson.decode(payload[5:]))
            connection.sendall(_reply(request, opcode))


def _reply(request: int, opcode: int) -> bytes:
    document = bson.encode(_HELLO)
    if opcode == _OP_MSG:
        kind, body = _OP_MSG, struct.pack("<ib", 0, 0) + document
    else:
        kind, body = _OP_REPLY, struct.pack("<iqii", 8, 0, 0, 1) + document
    return _HEADER.pack(_HEADER.size + len(body), 1, request, kind) + body
