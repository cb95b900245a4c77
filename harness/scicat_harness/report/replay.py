"""Replay: the stored events of a run, told once more to reports that were not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from scicat_harness.report.events import Consumer, EventStream
from scicat_harness.report.stored.run import RunReport

__all__ = ["replay"]


def replay(run: RunReport, consumers: Sequence[Consumer]) -> None:
    """Hand the events of a stored run to consumers.

    A run that was killed has no last event: it gets one that says it was interrupted.
    """
    stream = EventStream(list(consumers))
    for event in run.events:
        stream.emit(event.kind, event.data)
    if not run.finished:
        ended = {
            "seconds": _seconds(run.events[0].data, run.events[-1].data),
            "requests": 0,
            "left_behind": [],
            "interrupted": True,
        }
        stream.emit("finished", ended)


def _seconds(first: Mapping[str, Any], last: Mapping[str, Any]) -> float:
    """Between two events; 0 where they do not say when they were."""
    if "at" not in first or "at" not in last:
        return 0.0
    began, ended = (datetime.fromisoformat(each["at"]) for each in (first, last))
    return (ended - began).total_seconds()
