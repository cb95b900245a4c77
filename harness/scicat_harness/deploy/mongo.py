"""Databases: a database name of our own on a given server, or a private mongod."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pymongo
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from scicat_harness.deadline import within
from scicat_harness.deploy.child import Child, inherited_environment
from scicat_harness.deploy.sockets import free_port
from scicat_harness.errors import DeadlineExceeded, EnvironmentFault, UsageFault
from scicat_harness.model.address import without_credentials
from scicat_harness.secrets import hide

__all__ = [
    "DATABASE",
    "PrivateMongo",
    "check_uri",
    "count_documents",
    "database_uri",
    "drop_database",
    "new_database_name",
    "ping",
    "shown_uri",
]

DATABASE = "database"
"""What a database is called among leftovers; its ``uri`` is noted."""
_DEADLINE = 5.0
_MONGOD_DEADLINE = 30.0
_OURS = re.compile(r"scicat-harness-[0-9a-f]{12}")
_Client = pymongo.MongoClient[dict[str, Any]]
_Said = TypeVar("_Said")


def new_database_name() -> str:
    """A name for a database that no other has; only such are ever dropped."""
    return f"scicat-harness-{secrets.token_hex(6)}"


def database_uri(uri: str, name: str) -> str:
    """The URI of database ``name`` on the server of ``uri``, after checking that it answers.

    Who logs in does so where ``uri`` says: the database of its path, or ``admin``, stays the
    ``authSource``.
    """
    check_uri(uri)
    parts = urlsplit(uri)
    # Of the form that is resolved by a name server, only the parts are looked at.
    plain = urlunsplit(("mongodb", parts.netloc, parts.path, parts.query, ""))
    found = parse_uri(plain, warn=False)
    hide(found["password"])
    ping(uri, _DEADLINE)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if found["username"] and not any(each.lower() == "authsource" for each in options):
        options["authSource"] = found["database"] or "admin"
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", urlencode(options), ""))


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
    """Drop the database a URI names, if its name is one of ours.

    Raises EnvironmentFault when the server does not do it, or the name is not one of ours.
    """
    name = urlsplit(uri).path.lstrip("/")
    if not _OURS.fullmatch(name):
        raise EnvironmentFault(f"{name!r} is not the name of a database of the harness")
    _ask(uri, _DEADLINE, lambda client: client.drop_database(name))


def count_documents(uri: str, database: str, collection: str) -> int:
    """How many there are; an EnvironmentFault when the server does not tell."""
    return _ask(
        uri,
        _DEADLINE,
        lambda client: client[database][collection].count_documents({}),
        directConnection=True,
    )


def ping(uri: str, deadline: float) -> None:
    """Ask a server something; an EnvironmentFault when it does not answer within ``deadline``."""
    try:
        _ask(uri, deadline, lambda client: client.admin.command("ping"))
    except EnvironmentFault as error:
        raise EnvironmentFault(f"--mongo-uri {error}; start one, or correct the address") from None


def _ask(uri: str, deadline: float, ask: Callable[[_Client], _Said], **options: Any) -> _Said:
    """Ask a server within ``deadline`` seconds, whatever it does meanwhile."""
    limits: Mapping[str, Any] = {
        "serverSelectionTimeoutMS": int(deadline * 1000),
        "connectTimeoutMS": int(deadline * 1000),
        "socketTimeoutMS": int(deadline * 1000),
    }
    # A server that sends one byte at a time keeps every single read within its limit.
    try:
        return within(
            deadline * 2, "asking it", lambda: _asked(uri, {**limits, **options}, deadline, ask)
        )
    except DeadlineExceeded as error:
        raise EnvironmentFault(f"{shown_uri(uri)}: no MongoDB answers there ({error})") from None


def _asked(
    uri: str, options: Mapping[str, Any], deadline: float, ask: Callable[[_Client], _Said]
) -> _Said:
    try:
        with _Client(uri, **options) as client, pymongo.timeout(deadline):
            return ask(client)
    except PyMongoError as error:
        reason = str(error).split(",")[0]
        raise EnvironmentFault(f"{shown_uri(uri)}: no MongoDB answers there ({reason})") from None


def shown_uri(uri: str) -> str:
    """The URI without user name, password and options."""
    scheme, there, rest = uri.partition("://")
    place = rest.partition("?")[0].rpartition("@")[2]
    return repr(f"{scheme}{there}{place}" if there else scheme.rpartition("@")[2])


class PrivateMongo:
    """A mongod of our own, with a temporary data folder."""

    def __init__(self, child: Child, uri: str) -> None:
        self._child = child
        self.uri = uri

    @classmethod
    def start(cls, folder: Path) -> PrivateMongo:
        """Start ``mongod`` of the PATH; its absence is an EnvironmentFault with the fix."""
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
            ping(uri, _MONGOD_DEADLINE)
        except EnvironmentFault:
            child.stop()
            raise EnvironmentFault(f"mongod did not start:\n{child.last_lines()}") from None
        return cls(child, uri)

    def close(self) -> None:
        """End it; safe to call twice."""
        self._child.stop()
