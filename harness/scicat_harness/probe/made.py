"""The list of objects that a run made in a backend that is not its own, written as they are made.

A marker inside of a job proves little: anybody may quote it. So only objects in this list are
removed later: the ids that the backend gave in reply to requests of this run, and the pids that
this run chose. Every process of the run appends to the file, one JSON object a line.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import HttpRequest
from scicat_harness.errors import EnvironmentFault

__all__ = ["MadeList", "MadeObjects", "is_unknown_job", "marker_of"]

_CREATES = re.compile(r"/api/v\d+/(jobs|datasets|origdatablocks)/?")
# Values of ``what`` in a line, and the ``name`` for all objects of a kind.
_ASKED, _MADE, _REFUSED, _GONE = "asked", "made", "refused", "gone"
_ALL = "*"


@dataclass(frozen=True, slots=True)
class MadeObjects:
    """The objects that still exist, as far as the list knows."""

    jobs: frozenset[str] = frozenset()
    """Ids that the backend gave."""
    asked: Mapping[str, str] = field(default_factory=dict)
    """Creates without an id in a reply, correlation to identity: each job may exist or not."""
    pids: frozenset[str] = frozenset()
    blocks: Mapping[str, str] = field(default_factory=dict)
    """Origdatablocks, id to the pid of their dataset."""

    def __len__(self) -> int:
        return len(self.jobs) + len(self.asked) + len(self.pids) + len(self.blocks)


class MadeList:
    """The file of the list; an observer of a transport (``client.transport.Observer``).

    It writes a line before each create and after its reply, so that a process that is killed in
    between leaves a trace of what may exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def asking(self, call: HttpRequest) -> None:
        """Write down a create before it is sent."""
        kind = _kind(call.method, call.path)
        if kind == "jobs" and (token := _token(call)):
            self._write(_ASKED, kind, token, by=call.identity)
        elif kind == "datasets" and (pid := _value(call.body, "pid")):
            self._write(_ASKED, kind, pid)

    def answered(self, call: HttpRequest, exchange: Exchange) -> None:
        """Write down what the reply to a create named; other requests are ignored."""
        kind = _kind(call.method, call.path)
        if kind is None:
            return
        key = {"jobs": "id", "datasets": "pid", "origdatablocks": "_id"}[kind]
        found = _value(exchange.text, key)
        about = {"datasets": "pid", "origdatablocks": "datasetId"}.get(kind, "")
        asked = _token(call) if kind == "jobs" else _value(call.body, about)
        # A dataset under another pid than the requested one is somebody else's.
        if exchange.status < 300 and found and (kind != "datasets" or found == asked):
            self._write(_MADE, kind, found, asked=asked or "")
        elif kind == "datasets" and asked and 400 <= exchange.status < 500:
            # It existed before, or does not exist at all: either way it is not ours. A 5xx, or no
            # reply, leaves both open.
            self._write(_REFUSED, kind, asked)

    def gone(self, kind: str, name: str = _ALL) -> None:
        """Write down that an object no longer exists; without a name: none of its kind does."""
        self._write(_GONE, kind, name)

    def there(self, kind: str, name: str) -> None:
        """Write down that an object exists, although its removal was confirmed."""
        self._write(_MADE, kind, name)

    def read(self) -> MadeObjects:
        """Return the objects that still exist; a missing file is an empty list.

        Raises EnvironmentFault for a file that cannot be read: what it lists would be forgotten.
        Later lines win, so that an object that was removed and found again is listed.
        """
        here: dict[str, dict[str, str]] = {"jobs": {}, "datasets": {}, "origdatablocks": {}}
        asked: dict[str, str] = {}
        for line in self._lines():
            things = here.get(str(line.get("kind")), {})
            name, what = str(line.get("name")), line.get("what")
            if what == _MADE:
                things[name] = str(line.get("asked"))
                asked.pop(things[name], None)
            elif what == _ASKED and line.get("kind") == "jobs":
                asked[name] = str(line.get("by"))
            elif what == _ASKED:
                things[name] = ""
            elif name == _ALL:
                things.clear()
                asked = {} if line.get("kind") == "jobs" else asked
            else:
                things.pop(name, None)
        jobs, datasets, blocks = here.values()
        return MadeObjects(frozenset(jobs), asked, frozenset(datasets), blocks)

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            raise EnvironmentFault(
                f"{self.path}: the list of what the run made cannot be read ({error.strerror})"
            ) from None
        for line in lines:
            try:
                found = json.loads(line)
            except ValueError:
                continue  # killed while writing it
            if isinstance(found, dict):
                yield found

    def _write(self, what: str, kind: str, name: str, **more: str) -> None:
        line = json.dumps({"what": what, "kind": kind, "name": name, **more}) + "\n"
        try:
            # One write of a short line: those of other processes do not come in between.
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, line.encode())
            finally:
                os.close(descriptor)
        except OSError as error:
            raise EnvironmentFault(
                f"{self.path}: cannot write down what the run makes ({error.strerror}); nothing is "
                "made without that, since it could not be removed"
            ) from None


def marker_of(job: Mapping[str, Any]) -> object:
    """Return the name of the run in the parameters of a job, None where there is none."""
    params = job.get("jobParams")
    # A malformed create may have stored a list.
    holders = params if isinstance(params, list) else [params]
    return next((each.get("run") for each in holders if isinstance(each, dict)), None)


def is_unknown_job(reply: Exchange) -> bool:
    """Return whether a reply says that there is no such job.

    Released backends answer 400 ``Invalid job id.`` (specification: read); 404 is accepted, too.
    """
    message = (reply.message or "").lower()
    return reply.status == 404 or (reply.status == 400 and message.startswith("invalid job id"))


def _kind(method: str, path: str) -> str | None:
    found = _CREATES.fullmatch(path) if method == "POST" else None
    return found[1] if found is not None else None


def _token(call: HttpRequest) -> str | None:
    """Return the correlation that the job of a create carries, if it is stored."""
    if call.correlation is not None:
        return call.correlation
    try:
        params = json.loads(call.body or "")["jobParams"]
        found = params["correlation"]
    except (ValueError, TypeError, LookupError):
        return None
    return found if isinstance(found, str) else None


def _value(text: str | None, key: str) -> str | None:
    """Return a text in a JSON object, None where there is none or it is empty."""
    try:
        document = json.loads(text or "")
    except ValueError:
        return None
    found = document.get(key) if isinstance(document, dict) else None
    return found if isinstance(found, str) and found else None
