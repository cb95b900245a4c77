"""The list of what a run made in a backend that is not its own, written while it is made.

A marker inside of a job proves little: anybody may quote it. What is removed later is what stands
in this list as well: the ids that the backend gave in reply to requests of this run, and the pids
that this run chose. The file is appended to by every process of the run.
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

__all__ = ["MadeList", "MadeObjects", "is_unknown_job", "marker_of"]

_CREATES = re.compile(r"/api/v\d+/(jobs|datasets|origdatablocks)/?")
_ASKED, _MADE, _REFUSED, _GONE = "asked", "made", "refused", "gone"
_ALL = "*"


@dataclass(frozen=True, slots=True)
class MadeObjects:
    """What is there still, as far as the list knows."""

    jobs: frozenset[str] = frozenset()
    """Ids that the backend gave."""
    asked: Mapping[str, str] = field(default_factory=dict)
    """Who sent a create without learning an id, by its correlation: a job may be there or not."""
    pids: frozenset[str] = frozenset()
    blocks: Mapping[str, str] = field(default_factory=dict)
    """The pid of the dataset of each origdatablock, by the id of the block."""

    def __len__(self) -> int:
        return len(self.jobs) + len(self.asked) + len(self.pids) + len(self.blocks)


class MadeList:
    """Writes and reads the list; an observer of a transport (scicat_harness.client.transport)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def asking(self, call: HttpRequest) -> None:
        """A request is about to be sent."""
        kind = _kind(call.method, call.path)
        if kind == "jobs" and (token := _token(call)):
            self._write(_ASKED, kind, token, by=call.identity)
        elif kind == "datasets" and (pid := _value(call.body, "pid")):
            self._write(_ASKED, kind, pid)

    def answered(self, call: HttpRequest, exchange: Exchange) -> None:
        """Its reply has come."""
        kind = _kind(call.method, call.path)
        if kind is None:
            return
        key = {"jobs": "id", "datasets": "pid", "origdatablocks": "_id"}[kind]
        found = _value(exchange.text, key)
        about = {"datasets": "pid", "origdatablocks": "datasetId"}.get(kind, "")
        asked = _token(call) if kind == "jobs" else _value(call.body, about)
        if exchange.status < 300 and found and (kind != "datasets" or found == asked):
            self._write(_MADE, kind, found, asked=asked or "")
        elif kind == "datasets" and asked and 400 <= exchange.status < 500:
            # It was there before, or is not there at all: either way it is not ours.
            self._write(_REFUSED, kind, asked)

    def gone(self, kind: str, name: str = _ALL) -> None:
        """It is not there any more; without a name: nothing of this kind is."""
        self._write(_GONE, kind, name)

    def there(self, kind: str, name: str) -> None:
        """It is there in spite of what was said."""
        self._write(_MADE, kind, name)

    def read(self) -> MadeObjects:
        """What is there still; a file that is not there is an empty list."""
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
        except OSError:
            return
        for line in lines:
            try:
                found = json.loads(line)
            except ValueError:
                continue  # killed while writing it
            if isinstance(found, dict):
                yield found

    def _write(self, what: str, kind: str, name: str, **more: str) -> None:
        line = json.dumps({"what": what, "kind": kind, "name": name, **more}) + "\n"
        # One write of a short line: those of other processes do not come in between.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)


def marker_of(job: Mapping[str, Any]) -> object:
    """The name of the run that a job carries, None where there is none."""
    params = job.get("jobParams")
    holders = params if isinstance(params, list) else [params]
    return next((each.get("run") for each in holders if isinstance(each, dict)), None)


def is_unknown_job(reply: Exchange) -> bool:
    """Whether there is no such job; released backends answer 400 then (observed v5.2.1)."""
    said = (reply.message or "").lower()
    return reply.status == 404 or (reply.status == 400 and said.startswith("invalid job id"))


def _kind(method: str, path: str) -> str | None:
    found = _CREATES.fullmatch(path) if method == "POST" else None
    return found[1] if found is not None else None


def _token(call: HttpRequest) -> str | None:
    """The correlation that a job of this request carries, if it is stored."""
    if call.correlation is not None:
        return call.correlation
    try:
        params = json.loads(call.body or "")["jobParams"]
        found = params["correlation"]
    except (ValueError, TypeError, LookupError):
        return None
    return found if isinstance(found, str) else None


def _value(text: str | None, key: str) -> str | None:
    """A text in a JSON object, None where there is none."""
    try:
        document = json.loads(text or "")
    except ValueError:
        return None
    found = document.get(key) if isinstance(document, dict) else None
    return found if isinstance(found, str) and found else None
