"""The run of a report folder, opened: its events, validated, and what its checks came to.

A folder whose run was killed has no last event, and perhaps half a last line; it is read as far as
it goes, and says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from scicat_harness.errors import UsageFault
from scicat_harness.judge.record import CheckRecord, RequestRecord
from scicat_harness.report.stored.event import EVENTS_BY_KIND
from scicat_harness.report.stored.lines import FIX, content_of, objects_in, shortened
from scicat_harness.report.summary import Summary

__all__ = ["EVENTS", "RunReport", "StoredEvent", "read_run"]

EVENTS = "events.jsonl"
_OWN_RECORDS = ("audit::", "ledger::")
"""What a run notes of itself; no case of the scenarios is called so."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event; ``data`` has all fields that its kind has here, by default what older runs meant.

    ``line`` is where it stands in the file.
    """

    kind: str
    data: Mapping[str, Any]
    line: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run: what it was, what its checks came to, and how far it got.

    ``records`` are the checks by case; of a case that is told twice, the last. ``requests`` is
    what was observed of each request of a case, in order, where the run tells. ``digest`` is the
    SHA-256 of the file.
    """

    folder: str
    summary: Summary
    records: Mapping[str, CheckRecord]
    requests: Mapping[str, Sequence[RequestRecord]]
    finished: bool
    events: Sequence[StoredEvent] = ()
    digest: str = ""

    @property
    def whole(self) -> bool:
        """Whether its records tell what was observed of every request, effects included."""
        return bool(self.requests)

    @property
    def started(self) -> Mapping[str, Any]:
        """The first event."""
        return self.events[0].data

    @property
    def version(self) -> str:
        """The release it was held against."""
        return self.summary.backend_version

    @property
    def verdict(self) -> str:
        """pass, fail or unknown; a run that was killed is unknown unless a check had failed."""
        given = self.summary.verdict
        return "unknown" if given == "pass" and not self.finished else given

    def to_json(self) -> dict[str, Any]:
        """What it was, as plain data."""
        names = ("run", "deployment", "backend_version", "unobserved", "profile", "expect")
        told = {name: getattr(self.summary, name) for name in names}
        ends = {"verdict": self.verdict, "finished": self.finished}
        return {"folder": self.folder, **told, **ends, "checks": self.summary.checks}

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Say that a value of the first event cannot be used, though it is of the right type."""
        _refuse(Path(self.folder) / EVENTS, self.events[0].line, key, reason, self.started[key])


def read_run(folder: Path) -> RunReport:
    """Open a report folder.

    Raises UsageFault where its events cannot be read or are not those of one run: it names file,
    line, key, the value found, and the fix.
    """
    path = folder / EVENTS
    content = content_of(path)
    events = tuple(_in_order(path, _events_in(path, content)))
    if not events:
        what = "is empty" if not content else "does not tell of a run"
        raise UsageFault(f"{path}: {what}; {FIX}")
    return _report(folder, events, hashlib.sha256(content).hexdigest())


def _report(folder: Path, events: Sequence[StoredEvent], digest: str) -> RunReport:
    summary = Summary()
    records: dict[str, CheckRecord] = {}
    requests: dict[str, Sequence[RequestRecord]] = {}
    for event in events:
        summary.take(event.kind, event.data)
        if event.kind == "check":
            record = CheckRecord.from_json(event.data["record"])
            if not record.case.startswith(_OWN_RECORDS):
                records[record.case] = record
            if record.seen:
                requests[record.case] = record.requests
    finished = events[-1].kind == "finished"
    return RunReport(str(folder), summary, records, requests, finished, events, digest)


_MAY_BE_MISSING = frozenset({"at", "unobserved"})


def _events_in(path: Path, content: bytes) -> Iterator[StoredEvent]:
    for number, found in objects_in(path, content):
        kind = found.get("event")
        model = EVENTS_BY_KIND.get(kind) if isinstance(kind, str) else None
        if model is None:
            known = ", ".join(EVENTS_BY_KIND)
            _refuse(path, number, "event", f"is none of {known}", kind)
        try:
            data = model.model_validate(found).model_dump()
        except ValidationError as error:
            _refuse_first(path, number, error)
        # What an older folder does not say is not the same as nothing.
        for name in _MAY_BE_MISSING - found.keys():
            data.pop(name, None)
        if data.get("at", "") is None:
            del data["at"]
        yield StoredEvent(str(kind), data, number)


def _in_order(path: Path, events: Iterator[StoredEvent]) -> Iterator[StoredEvent]:
    """The events of one run: the first is ``started``, and nothing comes after ``finished``."""
    before = None
    for event in events:
        if before is None and event.kind != "started":
            _refuse(path, event.line, "event", "must be 'started' in the first line", event.kind)
        if before is not None and event.kind == "started":
            _refuse(path, event.line, "event", "comes twice: two runs wrote here", event.kind)
        if before == "finished":
            _refuse(path, event.line, "event", "comes after 'finished'", event.kind)
        yield event
        before = event.kind


def _refuse_first(path: Path, number: int, error: ValidationError) -> NoReturn:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    reason = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "missing":
        _refuse(path, number, key, "is missing")
    _refuse(path, number, key, reason[0].lower() + reason[1:], first["input"])


_NOTHING = object()


def _refuse(path: Path, number: int, key: str, reason: str, value: object = _NOTHING) -> NoReturn:
    found = "" if value is _NOTHING else f"; found {shortened(value)}"
    raise UsageFault(
        f"{path}: line {number} is no event of a run that this version of the harness can read: "
        f"{key}: {reason}{found}; {FIX}, or run it again"
    ) from None
