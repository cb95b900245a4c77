"""Defects by which another request does what only one kind of request may do."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scicat_harness.embedded.beside.table import Table

__all__ = ["DOORS", "Incoming"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request before its route is looked up; ``path`` and ``query`` are encoded."""

    method: str
    path: bytes
    headers: Mapping[str, str]
    body: Any
    query: bytes = b""


DOORS: Table[Callable[[Incoming], Incoming]] = Table("doors")


@DOORS.add("doors.put-updates", "PUT updates a job.")
def _(seen: Incoming) -> Incoming:
    return replace(seen, method="PATCH") if seen.method == "PUT" else seen


@DOORS.add("doors.post-updates", "POST to a job updates it.")
def _(seen: Incoming) -> Incoming:
    is_job = seen.method == "POST" and seen.path.lower().count(b"/") == 4
    return replace(seen, method="PATCH") if is_job and b"/jobs/" in seen.path else seen


@DOORS.add("doors.method-override", "X-HTTP-Method-Override replaces the method.")
def _(seen: Incoming) -> Incoming:
    return replace(seen, method=seen.headers.get("x-http-method-override", seen.method))


@DOORS.add("doors.double-slash", "Slashes may be repeated.")
def _(seen: Incoming) -> Incoming:
    path = seen.path
    while b"//" in path:
        path = path.replace(b"//", b"/")
    return replace(seen, path=path)


@DOORS.add("doors.create-takes-status", "A create takes the status of its body.")
def _(seen: Incoming) -> Incoming:
    return _moved(seen, "statusCode", "jobStatusMessage")


@DOORS.add("doors.list-of-bodies", "A list of bodies counts as its first one.")
def _(seen: Incoming) -> Incoming:
    is_list = isinstance(seen.body, list) and seen.body and isinstance(seen.body[0], dict)
    return replace(seen, body=seen.body[0]) if is_list else seen


@DOORS.add("doors.unknown-keys-dropped-in-updates", "Unknown keys of an update are dropped.")
def _(seen: Incoming) -> Incoming:
    if seen.method != "PATCH" or not isinstance(seen.body, dict):
        return seen
    known = ("statusCode", "statusMessage", "jobResultObject", "jobStatusMessage", "executionTime")
    return replace(seen, body={key: each for key, each in seen.body.items() if key in known})


@DOORS.add("doors.method-in-the-query", "The parameter _method replaces the method.")
def _(seen: Incoming) -> Incoming:
    _, _, method = seen.query.partition(b"_method=")
    return replace(seen, method=method.decode()) if method else seen


@DOORS.add("doors.method-in-other-headers", "X-HTTP-Method and X-Method-Override are honoured.")
def _(seen: Incoming) -> Incoming:
    method = seen.headers.get("x-http-method") or seen.headers.get("x-method-override")
    return replace(seen, method=method or seen.method)


@DOORS.add("doors.addresses-in-small-letters", "The contact of a job is stored in small letters.")
def _(seen: Incoming) -> Incoming:
    return _changed(seen, ("contactEmail", "emailJobInitiator"), str.lower)


@DOORS.add("doors.names-in-any-letters", "Owners are compared without case and outer blanks.")
def _(seen: Incoming) -> Incoming:
    return _changed(seen, ("ownerGroup", "ownerUser"), lambda name: name.strip().lower())


@DOORS.add("doors.null-is-absent", "Fields of a create that are null count as absent.")
def _(seen: Incoming) -> Incoming:
    if seen.method != "POST" or not isinstance(seen.body, dict):
        return seen
    return replace(seen, body={key: each for key, each in seen.body.items() if each is not None})


def _changed(seen: Incoming, names: Collection[str], change: Callable[[str], str]) -> Incoming:
    """Return a create with other texts in these fields."""
    if seen.method != "POST" or not isinstance(seen.body, dict):
        return seen
    changed = {
        name: change(text)
        for name, text in seen.body.items()
        if name in names and isinstance(text, str)
    }
    return replace(seen, body={**seen.body, **changed})


def _moved(seen: Incoming, key: str, name: str) -> Incoming:
    """Return a create whose field is taken as a parameter."""
    body = seen.body
    if seen.method != "POST" or not isinstance(body, dict) or key not in body:
        return seen
    params = body.get("jobParams")
    rest = {each: value for each, value in body.items() if each != key}
    moved = {**(params if isinstance(params, dict) else {}), name: body[key]}
    return replace(seen, body={**rest, "jobParams": moved})
