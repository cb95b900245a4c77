"""Defects by which another request does what only one kind of request may do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scicat_harness.embedded.beside.table import Table

__all__ = ["DOORS", "Incoming"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request before its route is looked up; ``path`` is encoded, ``body`` parsed."""

    method: str
    path: bytes
    headers: Mapping[str, str]
    body: Any


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


def _moved(seen: Incoming, key: str, name: str) -> Incoming:
    """Return a create whose field is taken as a parameter."""
    body = seen.body
    if seen.method != "POST" or not isinstance(body, dict) or key not in body:
        return seen
    params = body.get("jobParams")
    rest = {each: value for each, value in body.items() if each != key}
    moved = {**(params if isinstance(params, dict) else {}), name: body[key]}
    return replace(seen, body={**rest, "jobParams": moved})
