"""Report folders made by hand, as runs leave them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scicat_harness.fixtures.reports import KNOWN
from scicat_harness.judge.record import CheckRecord, RequestRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.diff.difference import RunDifference, difference
from scicat_harness.report.page.file import PageFile
from scicat_harness.report.replay import replay
from scicat_harness.report.stored.run import RunReport, read_run
from scicat_harness.sinks.arrival import Arrival

from ..stubs import record_of

__all__ = [
    "AT",
    "CASE",
    "STARTED",
    "arrival",
    "check",
    "diff_of",
    "page_of_run",
    "run_of",
    "seen",
    "write_run",
]

CASE = "scenarios/create/test_matrix.py::test_every_auth_value[user1-owner_access-own]"
AT = "2026-11-23T20:23:18.046845+00:00"
STARTED = {
    "run": "harness-00000001",
    "deployment": "embedded",
    "backend_version": "v5.0.1",
    "profile": "smoke",
    "expect": "observed",
    "rules": ["a.rule"],
}
FINISHED = {"seconds": 1.0, "requests": 1, "left_behind": [], "interrupted": False}


def seen(
    status: int = 201,
    observed: str = "allow",
    *effects: Mapping[str, Any],
    **more: Any,
) -> RequestRecord:
    """A create as user1 that was watched, with these effects."""
    given: dict[str, Any] = {
        "operation": "create",
        "api": "v4",
        "identity": "user1",
        "job_type": "owner_access",
        "status": status,
        "observed": observed,
        "rule": "a.rule",
        "effects": effects,
        "watched": True,
    }
    return RequestRecord(**{**given, **more})


def check(*sightings: RequestRecord, verdict: Verdict = Verdict.PASSED, **more: Any) -> CheckRecord:
    """The record of a check that made these requests; without any, as older versions wrote it."""
    if sightings:
        last = sightings[-1]
        more = {
            "operation": last.operation,
            "status": last.status,
            "observed": last.observed,
            "seen": tuple(each.to_json() for each in sightings),
            **more,
        }
    return record_of(verdict, **{"case": CASE, **more})


def write_run(
    folder: Path,
    *records: CheckRecord,
    finished: Mapping[str, Any] | None = FINISHED,
    rest: str = "",
    stories: Mapping[str, str] | None = None,
    parts: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    arrivals: Sequence[Arrival] = (),
    **started: Any,
) -> Path:
    """The folder of a run; ``rest`` is what stands behind its last event.

    ``stories`` are failure texts by case, ``parts`` the same by name, ``arrivals`` what its journal
    has.
    """
    folder.mkdir(parents=True, exist_ok=True)
    events: list[Mapping[str, Any]] = [{"event": "started", **STARTED, **started}]
    events += [
        {
            "event": "check",
            "at": AT,
            "record": each.to_json(),
            "seconds": 0.1,
            "story": (stories or {}).get(each.case, ""),
            "parts": [list(part) for part in (parts or {}).get(each.case, ())],
        }
        for each in records
    ]
    if finished is not None:
        events.append({"event": "finished", **FINISHED, **finished})
    text = "".join(json.dumps(each) + "\n" for each in events)
    (folder / "events.jsonl").write_text(text + rest, encoding="utf-8")
    if arrivals:
        journal = "".join(json.dumps(each.to_json()) + "\n" for each in arrivals)
        (folder / "journal.jsonl").write_text(journal, encoding="utf-8")
    return folder


def arrival(channel: str, correlation: str, **content: Any) -> Arrival:
    """Something that a request sent."""
    return Arrival(1, 0.0, channel, "sink", (correlation,), correlation, content)


def page_of_run(folder: Path, *earlier: Path) -> str:
    """The page of a run, made of its folder alone."""
    path = folder / "report.html"
    run = read_run(folder)
    runs = [*(read_run(each) for each in earlier), run] if earlier else []
    replay(run, [PageFile(path, KNOWN, folder, runs)])
    return path.read_text(encoding="utf-8")


def run_of(folder: Path, *records: CheckRecord, **how: Any) -> RunReport:
    """The run, written and read back."""
    return read_run(write_run(folder, *records, **how))


def diff_of(
    tmp_path: Path, was: Sequence[CheckRecord], now: Sequence[CheckRecord]
) -> RunDifference:
    """What changed between two runs with these checks."""
    return difference(
        run_of(tmp_path / "a", *was), run_of(tmp_path / "b", *now, backend_version="v5.2.1")
    )
