"""Replay: the stored events of a run, passed to consumers again to make further reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from scicat_harness.report.events import Consumer, EventStream
from scicat_harness.report.stored.run import RunReport

__all__ = ["replay"]


def replay(run: RunReport, consumers: Sequence[Consumer]) -> None:
    """Pass the events of a stored run to consumers, in order.

    A killed run has no ``finished`` event. Its consumers receive one with ``interrupted`` set, so
    that they write their reports and no verdict becomes ``pass``. Example::

        replay(read_run(folder), [JUnitFile(path)])
    """
    stream = EventStream(list(consumers))
    for event in run.events:
        # The data has its own time, which emit() keeps; secrets of this process are removed again.
        stream.emit(event.kind, event.data)
    if not run.finished:
        ended = {
            "seconds": _seconds(run.events[0].data, run.events[-1].data),
            # Requests are counted by the run and stored in its last event only.
            "requests": 0,
            "left_behind": [],
            "interrupted": True,
        }
        stream.emit("finished", ended)


def _seconds(first: Mapping[str, Any], last: Mapping[str, Any]) -> float:
    """Return the seconds between two events; 0 if one has no time, as in the first versions."""
    if "at" not in first or "at" not in last:
        return 0.0
    began, ended = (datetime.fromisoformat(each["at"]) for each in (first, last))
    return (ended - began).total_seconds()
