"""Replay: the stored events of a run, told once more to reports that were not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.report.diff.folder import EVENTS, RunReport, events_in, read_run
from harness.report.events import Consumer, EventStream

__all__ = ["replay"]


def replay(folder: Path, consumers: Sequence[Consumer]) -> RunReport:
    """Hand the events of a report folder to consumers; what the folder tells.

    A run that was killed has no last event: it gets one that says it was interrupted. Raises
    UsageFault, before any consumer was told anything, where the folder cannot be read.
    """
    run = read_run(folder)
    stream = EventStream(list(consumers))
    first: Mapping[str, Any] = {}
    last: Mapping[str, Any] = {}
    for _, event in events_in(folder / EVENTS):
        stream.emit(event["event"], event)
        first, last = first or event, event
    if not run.finished:
        ended = {
            "seconds": _seconds(first, last),
            "requests": 0,
            "left_behind": [],
            "interrupted": True,
        }
        stream.emit("finished", ended)
    return run


def _seconds(first: Mapping[str, Any], last: Mapping[str, Any]) -> float:
    """Between two events; 0 where they do not say when they were."""
    if "at" not in first or "at" not in last:
        return 0.0
    began, ended = (datetime.fromisoformat(each["at"]) for each in (first, last))
    return (ended - began).total_seconds()
