"""Report folders: the events of one run, read back.

A folder whose run was killed has no last event, and perhaps half a last line; it is read as far as
it goes, and says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageFault
from harness.judge.record import CheckRecord
from harness.judge.sighting import Sighting
from harness.report.summary import Summary

__all__ = ["EVENTS", "RunReport", "events_in", "read_run"]

EVENTS = "events.jsonl"
_OWN_RECORDS = ("audit::", "ledger::")
"""What a run notes of itself; no case of the scenarios is called so."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run: what it was, what its checks came to, and how far it got.

    ``records`` are the checks by case; of a case that is told twice, the last. ``requests`` is
    what was observed of each request of a case, in order, where the run tells.
    """

    folder: str
    summary: Summary
    records: Mapping[str, CheckRecord]
    requests: Mapping[str, Sequence[Sighting]]
    finished: bool

    @property
    def whole(self) -> bool:
        """Whether its records tell what was observed of every request, effects included."""
        return bool(self.requests)

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


def read_run(folder: Path) -> RunReport:
    """The run of a report folder.

    Raises UsageFault where there is no such file, or where it does not tell of a run.
    """
    path = folder / EVENTS
    summary = Summary()
    records: dict[str, CheckRecord] = {}
    requests: dict[str, Sequence[Sighting]] = {}
    finished = False
    for number, event in events_in(path):
        try:
            kind = event["event"]
            summary.take(kind, event)
            if kind == "check":
                record = CheckRecord.from_json(event["record"])
                if not record.case.startswith(_OWN_RECORDS):
                    records[record.case] = record
                if record.seen:
                    requests[record.case] = [Sighting.from_json(each) for each in record.seen]
            finished = finished or kind == "finished"
        except (KeyError, TypeError, AttributeError) as error:
            raise UsageFault(
                f"{path}: line {number} is no event of a run that this version of the harness can "
                f"read ({error!r}); use runs of this version"
            ) from None
    if not summary.started:
        raise UsageFault(f"{path}: does not tell of a run; give a report folder of 'run'")
    return RunReport(str(folder), summary, records, requests, finished)


def events_in(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The events with their line numbers; half a line at the very end is left out."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageFault(
            f"{path}: cannot be read ({error.strerror}); give a report folder of 'run'"
        ) from None
    except UnicodeDecodeError:
        raise UsageFault(f"{path}: is no text; give a report folder of 'run'") from None
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        try:
            event = json.loads(line)
        except ValueError:
            if line.endswith("\n"):
                raise UsageFault(f"{path}: line {number} is not JSON") from None
            return
        yield number, event
