"""The run of a report folder: its events, validated, and the records of its checks.

The folder of a killed run has no last event and perhaps half a last line. It is read up to there,
and ``finished`` is False.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
"""Records that a run makes of itself, by the start of their case; these are not scenarios."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event of a stored run.

    ``data`` has all fields of its kind; fields that older runs lack have their defaults. ``line``
    is its line number in the file, from 1.
    """

    kind: str
    data: Mapping[str, Any]
    line: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """One stored run.

    ``records`` are the checks by case; of a case that was recorded twice, the last. ``requests``
    are the observations of each request by case, in order; runs of older versions have none.
    ``finished`` is False for a killed run. ``digest`` is the SHA-256 of ``events.jsonl``.
    """

    folder: str
    summary: Summary
    records: Mapping[str, CheckRecord]
    requests: Mapping[str, Sequence[RequestRecord]]
    finished: bool
    events: Sequence[StoredEvent] = ()
    digest: str = ""
    runs: Mapping[str, str] = field(default_factory=dict)
    """The run that made a check, by case, in a run that was merged of several."""

    def run_of(self, case: str) -> str:
        """Return the name of the run that made a check."""
        return self.runs.get(case, self.summary.run)

    @property
    def whole(self) -> bool:
        """True if its records have the observation of every request, including effects."""
        return bool(self.requests)

    @property
    def started(self) -> Mapping[str, Any]:
        """The data of the first event."""
        return self.events[0].data

    @property
    def version(self) -> str:
        """The release that the run was judged by."""
        return self.summary.backend_version

    @property
    def verdict(self) -> str:
        """pass, fail or unknown; a run that was killed is unknown unless a check had failed."""
        given = self.summary.verdict
        # A failed check is a proof, however the run ended (report.verdict).
        return "unknown" if given == "pass" and not self.finished else given

    def to_json(self) -> dict[str, Any]:
        """Return the facts about the run as plain data, without its checks."""
        names = ("run", "deployment", "backend_version", "unobserved", "profile", "expect")
        facts = {name: getattr(self.summary, name) for name in names}
        ends = {"verdict": self.verdict, "finished": self.finished}
        return {"folder": self.folder, **facts, **ends, "checks": self.summary.checks}

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Raise UsageFault for a value of the first event that is of no use, despite its type.

        Example: a profile that this version does not know, for ``recheck``.
        """
        _refuse(Path(self.folder) / EVENTS, self.events[0].line, key, reason, self.started[key])


def read_run(folder: Path) -> RunReport:
    """Open a report folder and return its run.

    Raises UsageFault if its events cannot be read or are not those of one run. The message names
    file, line, key, the value found, and the fix. Example::

        run = read_run(Path("reports/harness-1"))
        print(run.verdict, len(run.records))
    """
    path = folder / EVENTS
    content = content_of(path)
    events = tuple(_in_order(path, _events_in(path, content)))
    if not events:
        what = "is empty" if not content else "has no event of a run"
        raise UsageFault(f"{path}: {what}; {FIX}")
    return _report(folder, events, hashlib.sha256(content).hexdigest())


def _report(folder: Path, events: Sequence[StoredEvent], digest: str) -> RunReport:
    summary = Summary()
    records: dict[str, CheckRecord] = {}
    requests: dict[str, Sequence[RequestRecord]] = {}
    runs: dict[str, str] = {}
    for event in events:
        summary.take(event.kind, event.data)
        if event.kind == "check":
            record = CheckRecord.from_json(event.data["record"])
            if not record.case.startswith(_OWN_RECORDS):
                # A second record of a case is that of a failed teardown: the last one counts.
                records[record.case] = record
            if event.data["run"]:
                runs[record.case] = event.data["run"]
            if record.seen:
                requests[record.case] = record.requests
    # _in_order has made sure that nothing follows the event "finished".
    finished = events[-1].kind == "finished"
    return RunReport(str(folder), summary, records, requests, finished, events, digest, runs)


_MAY_BE_MISSING = frozenset({"at", "unobserved"})
"""Fields that stay missing if they are, instead of getting a default."""


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
        # Null means that the release was observed; missing means that the run did not say.
        for name in _MAY_BE_MISSING - found.keys():
            data.pop(name, None)
        # Consumers know events without a time, but none whose time is null.
        if data.get("at", "") is None:
            del data["at"]
        yield StoredEvent(str(kind), data, number)


def _in_order(path: Path, events: Iterator[StoredEvent]) -> Iterator[StoredEvent]:
    """Yield the events; verify that ``started`` is first, once, and ``finished`` last.

    Two runs that wrote into one folder, which the lock of later versions prevents, break it.
    """
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
    # One damaged value can have many errors; the first names the place.
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    # Pydantic puts this in front of the messages of our validators.
    reason = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "missing":
        _refuse(path, number, key, "is missing")
    _refuse(path, number, key, reason[0].lower() + reason[1:], first["input"])


_NOTHING = object()
"""Stands for no value to show; None may be a value that was found."""


def _refuse(path: Path, number: int, key: str, reason: str, value: object = _NOTHING) -> NoReturn:
    found = "" if value is _NOTHING else f"; found {shortened(value)}"
    raise UsageFault(
        f"{path}: line {number} is no event of a run that this version of the harness can read: "
        f"{key}: {reason}{found}; {FIX}, or run it again"
    ) from None
