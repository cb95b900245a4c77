"""Databases: a database name of our own on a given server, or a private mongod."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pymongo
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from harness.deploy.child import Child, inherited_environment
from harness.deploy.sockets import free_port
from harness.errors import EnvironmentFault, UsageFault
from harness.model.address import without_credentials

__all__ = [
    "DATABASE",
    "PrivateMongo",
    "check_uri",
    "count_documents",
    "database_uri",
    "drop_database",
    "ping",
]

DATABASE = "database"
"""What a database is called among leftovers; its ``uri`` is noted."""
_DEADLINE_MS = 5000
_MONGOD_DEADLINE_MS = 30_000


def database_uri(uri: str, name: str) -> str:
    """The URI of database ``name`` on the server of ``uri``, after checking that it answers."""
    check_uri(uri)
    parts = urlsplit(uri)
    ping(uri, _DEADLINE_MS)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))


def check_uri(uri: str) -> None:
    """Raise a UsageFault where a URI is none; nobody is asked. What it says has no password."""
    form = "give mongodb://host:port"
    refused = UsageFault(f"--mongo-uri {without_credentials(uri)!r}: not a MongoDB URI; {form}")
    if any(each.isspace() for each in uri):
        raise refused
    try:
        parts = urlsplit(uri)
        if parts.scheme not in ("mongodb", "mongodb+srv") or not parts.netloc:
            raise refused
        # The other form is resolved by asking a name server.
        if parts.scheme == "mongodb":
            for host, _ in parse_uri(uri, warn=False)["nodelist"]:
                host.encode("idna")
    except (PyMongoError, ValueError):
        raise refused from None


def drop_database(uri: str) -> None:
    """Drop the database a URI names; a server that is gone already keeps nothing of ours."""
    name = urlsplit(uri).path.lstrip("/")
    try:
        with pymongo.MongoClient[dict[str, object]](
            uri, serverSelectionTimeoutMS=_DEADLINE_MS
        ) as client:
            client.drop_database(name)
    except PyMongoError:
        return


def count_documents(uri: str, database: str, collection: str) -> int:
    """How many there are; an EnvironmentFault when the server does not tell."""
    try:
        with pymongo.MongoClient[dict[str, object]](
            uri, serverSelectionTimeoutMS=_DEADLINE_MS, directConnection=True
        ) as client:
            return int(client[database][collection].count_documents({}))
    except PyMongoError as error:
        reason = str(error).split(",")[0]
        raise EnvironmentFault(f"{_shown(uri)}: no MongoDB answers there ({reason})") from None


def ping(uri: str, deadline_ms: int) -> None:
    """Ask a server something; an EnvironmentFault when it does not answer in time."""
    try:
        with pymongo.MongoClient[dict[str, object]](
            uri, serverSelectionTimeoutMS=deadline_ms
        ) as client:
            client.admin.command("ping")
    except PyMongoError as error:
        reason = str(error).split(",")[0]
        raise EnvironmentFault(
            f"--mongo-uri {_shown(uri)}: no MongoDB answers there ({reason}); start one, or "
            "correct the address"
        ) from None


def _shown(uri: str) -> str:
    """The URI without user name and password."""
    parts = urlsplit(uri)
    return repr(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")))


class PrivateMongo:
    """A mongod of our own, with a temporary data folder."""

    def __init__(self, child: Child, uri: str) -> None:
        self._child = child
        self.uri = uri

    @classmethod
    def start(cls, folder: Path) -> PrivateMongo:
        """Start ``mongod`` of the PATH; its absence is an EnvironmentFault with the mend."""
        binary = shutil.which("mongod")
        if binary is None:
            raise EnvironmentFault(
                "a database is needed: give --mongo-uri mongodb://host:port, or install 'mongod' "
                "so that it is on the PATH"
            )
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        child = Child.start(
            "mongod",
            [binary, "--dbpath", str(folder), "--port", str(port), "--bind_ip", "127.0.0.1"],
            env=inherited_environment(),
            cwd=folder,
            log=folder / "mongod.log",
        )
        uri = f"mongodb://127.0.0.1:{port}"
        try:
            ping(uri, _MONGOD_DEADLINE_MS)
        except EnvironmentFault:
            child.stop()
            raise EnvironmentFault(f"mongod did not start:\n{child.last_lines()}") from None
        return cls(child, uri)

    def close(self) -> None:
        """End it; safe to call twice."""
        self._child.stop()
