"""MongoDB: databases of the run on a given server, or a private ``mongod``."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import socket
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pymongo
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from scicat_harness.deadline import within
from scicat_harness.errors import DeadlineExceeded, EnvironmentFault, UsageFault
from scicat_harness.model.address import without_credentials
from scicat_harness.processes.child import Child, inherited_environment
from scicat_harness.processes.running import wait_usable
from scicat_harness.processes.sockets import free_port
from scicat_harness.secrets import hide

__all__ = [
    "DATABASE",
    "PrivateMongo",
    "StoredPolicy",
    "check_uri",
    "count_documents",
    "database_uri",
    "drop_database",
    "fingerprints",
    "new_database_name",
    "owner_groups",
    "ping",
    "policies",
    "reached",
    "shown_uri",
    "stored_ids",
]

DATABASE = "database"
"""The kind of a database among leftovers; its entry has the ``uri``, which names it."""
_DEADLINE = 5.0
_MONGOD_DEADLINE = 30.0
_PING_DEADLINE = 1.0
_OURS = re.compile(r"scicat-harness-[0-9a-f]{12}")
_Client = pymongo.MongoClient[dict[str, Any]]
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A stored policy: its owner group, and the fingerprint of the whole document."""

    owner_group: str
    fingerprint: str


def new_database_name() -> str:
    """Return a new unique name for a database; only databases with such names are ever dropped."""
    return f"scicat-harness-{secrets.token_hex(6)}"


def database_uri(uri: str, name: str) -> str:
    """Return the URI of database ``name`` on the server of ``uri``, which must answer.

    A user still logs in to the database in the path of ``uri``, or to ``admin``, by
    ``authSource``. Raises UsageFault for a malformed URI, EnvironmentFault when no server answers.
    """
    check_uri(uri)
    parts = urlsplit(uri)
    # parse_uri would ask a name server for mongodb+srv; user and database are parsed the same.
    plain = urlunsplit(("mongodb", parts.netloc, parts.path, parts.query, ""))
    found = parse_uri(plain, warn=False)
    hide(found["password"])
    ping(uri, _DEADLINE)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    # The new path would become the authSource otherwise.
    if found["username"] and not any(each.lower() == "authsource" for each in options):
        options["authSource"] = found["database"] or "admin"
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", urlencode(options), ""))


def reached(server: str, database: str) -> str:
    """Return the URI of a database on a server in a container, for this machine.

    A replica set would send the client to addresses inside the container network.
    """
    return f"{server}/{database}?directConnection=true"


def check_uri(uri: str) -> None:
    """Raise UsageFault, without showing a password, for a URI that is not one of MongoDB.

    Nothing is sent: neither the server nor a name server is asked.
    """
    form = "give mongodb://host:port"
    refused = UsageFault(f"--mongo-uri {without_credentials(uri)!r}: not a MongoDB URI; {form}")
    if any(each.isspace() for each in uri):
        raise refused
    try:
        parts = urlsplit(uri)
        if parts.scheme not in ("mongodb", "mongodb+srv") or not parts.netloc:
            raise refused
        # parse_uri would ask a name server for mongodb+srv.
        if parts.scheme == "mongodb":
            # A label of more than 63 characters fails here, not in the middle of the run.
            for host, _ in parse_uri(uri, warn=False)["nodelist"]:
                host.encode("idna")
    except (PyMongoError, ValueError):
        raise refused from None


def drop_database(uri: str) -> None:
    """Drop the database that a URI names.

    Raises EnvironmentFault when the server fails, or when the name is not one that
    ``new_database_name`` makes: then nothing is sent.
    """
    name = urlsplit(uri).path.lstrip("/")
    if not _OURS.fullmatch(name):
        raise EnvironmentFault(f"{name!r} is not the name of a database of the harness")
    # Every start drops what earlier runs left; the client would try for the whole deadline.
    if _refuses(uri):
        raise EnvironmentFault(f"{shown_uri(uri)}: no MongoDB answers there (connection refused)")
    _ask(uri, _DEADLINE, lambda client: client.drop_database(name))


def _refuses(uri: str) -> bool:
    """Return whether every server of a URI refuses connections, as far as that is known at once."""
    # parse_uri would ask a name server for mongodb+srv.
    if not uri.startswith("mongodb://"):
        return False
    try:
        servers = parse_uri(uri, warn=False)["nodelist"]
    except (PyMongoError, ValueError):
        # The request itself says what is wrong with it.
        return False
    for host, port in servers:
        if port is None:  # a Unix socket
            return False
        try:
            socket.create_connection((host, port), timeout=_PING_DEADLINE).close()
        except ConnectionRefusedError:
            continue
        except OSError:
            pass
        return False
    return True


def fingerprints(uri: str, *, without: Collection[str]) -> dict[str, str]:
    """Return a fingerprint of each collection of the database that a URI names, by its name.

    Collections in ``without`` are left out. Two fingerprints are the same if, and only if, the
    collections have the same documents. Raises EnvironmentFault when the server fails.
    """

    def read(client: _Client) -> dict[str, str]:
        database = client[urlsplit(uri).path.lstrip("/")]
        names = sorted(set(database.list_collection_names()) - set(without))
        return {name: _fingerprint(database[name].find({})) for name in names}

    return _ask(uri, _DEADLINE, read)


def _fingerprint(documents: Iterable[Mapping[str, Any]]) -> str:
    # The order of documents is that of the database, and means nothing.
    lines = sorted(repr(sorted(each.items())) for each in documents)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "backslashreplace")).hexdigest()


def policies(uri: str) -> dict[str, StoredPolicy]:
    """Return the policies in the database that a URI names, by id.

    Raises EnvironmentFault when the server fails.
    """

    def read(client: _Client) -> dict[str, StoredPolicy]:
        found = client[urlsplit(uri).path.lstrip("/")]["Policy"].find({})
        return {
            str(each["_id"]): StoredPolicy(str(each.get("ownerGroup")), _fingerprint([each]))
            for each in found
        }

    return _ask(uri, _DEADLINE, read)


def owner_groups(uri: str) -> list[str]:
    """Return the owner groups of all datasets in the database that a URI names, each once.

    Raises EnvironmentFault when the server fails.
    """

    def read(client: _Client) -> list[str]:
        found = client[urlsplit(uri).path.lstrip("/")]["Dataset"].find({}, {"ownerGroup": 1})
        return sorted({str(each.get("ownerGroup")) for each in found})

    return _ask(uri, _DEADLINE, read)


def stored_ids(uri: str, collection: str) -> list[str]:
    """Return the ids of all documents of a collection in the database that a URI names.

    Raises EnvironmentFault when the server fails.
    """

    def read(client: _Client) -> list[str]:
        database = client[urlsplit(uri).path.lstrip("/")]
        return [str(each["_id"]) for each in database[collection].find({}, {"_id": 1})]

    return _ask(uri, _DEADLINE, read)


def count_documents(uri: str, database: str, collection: str) -> int:
    """Return the number of documents in a collection; raise EnvironmentFault if it is unknown."""
    return _ask(uri, _DEADLINE, lambda client: client[database][collection].count_documents({}))


def ping(uri: str, deadline: float) -> None:
    """Raise EnvironmentFault when a server does not answer within ``deadline`` seconds."""
    try:
        _ask(uri, deadline, lambda client: client.admin.command("ping"))
    except EnvironmentFault as error:
        raise EnvironmentFault(f"--mongo-uri {error}; start one, or correct the address") from None


def _ask(uri: str, deadline: float, ask: Callable[[_Client], _Result], **options: Any) -> _Result:
    """Return the result of ``ask`` with a client; raise EnvironmentFault without one in time."""
    limits: Mapping[str, Any] = {
        "serverSelectionTimeoutMS": int(deadline * 1000),
        "connectTimeoutMS": int(deadline * 1000),
        "socketTimeoutMS": int(deadline * 1000),
    }
    # These limit single reads: a server that sends one byte at a time exceeds none of them.
    # Twice the deadline, so that pymongo's own error, which has the reason, comes first.
    try:
        return within(
            deadline * 2, "a request", lambda: _asked(uri, {**limits, **options}, deadline, ask)
        )
    except DeadlineExceeded as error:
        raise EnvironmentFault(f"{shown_uri(uri)}: no MongoDB answers there ({error})") from None


def _asked(
    uri: str, options: Mapping[str, Any], deadline: float, ask: Callable[[_Client], _Result]
) -> _Result:
    try:
        with _Client(uri, **options) as client, pymongo.timeout(deadline):
            return ask(client)
    except PyMongoError as error:
        # The rest of the text is the limits above, and the topology in hundreds of characters.
        reason = str(error).partition(" (configured timeouts")[0].partition(",")[0]
        # The server answered, with an error.
        refused = isinstance(error, OperationFailure) and not error.timeout
        what = "MongoDB refuses a command" if refused else "no MongoDB answers there"
        raise EnvironmentFault(f"{shown_uri(uri)}: {what} ({reason})") from None


def shown_uri(uri: str) -> str:
    """Return the quoted URI without user name, password and options.

    It need not be a valid URI; the last ``@`` before the options ends the credentials.
    """
    scheme, there, rest = uri.partition("://")
    place = rest.partition("?")[0].rpartition("@")[2]
    return repr(f"{scheme}{there}{place}" if there else scheme.rpartition("@")[2])


class PrivateMongo:
    """A private ``mongod`` on a free loopback port, with a temporary data folder."""

    def __init__(self, child: Child, uri: str) -> None:
        self._child = child
        self.uri = uri

    @classmethod
    def start(cls, folder: Path) -> PrivateMongo:
        """Start the ``mongod`` of the PATH with its data in ``folder``; return it once it answers.

        Raises EnvironmentFault, with the fix or the last lines, when it is missing or ends, and
        DeadlineExceeded when it does not answer within 30 s.
        """
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
            wait_usable(lambda: ping(uri, _PING_DEADLINE), child, _MONGOD_DEADLINE)
        except BaseException:
            # Without an object nobody could end it.
            child.stop()
            raise
        return cls(child, uri)

    def close(self) -> None:
        """End it; safe to call twice."""
        self._child.stop()
