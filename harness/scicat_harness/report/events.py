"""The event stream of a run: everything a report shows passes here once, in order.

Events are ``started``, ``check`` and ``finished``, with plain data. Reports are consumers; adding
one touches nothing else. An event carries its own time, so that a report made of a stored stream
says the same as one that was made while it came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from scicat_harness.secrets import redact_data

__all__ = ["Consumer", "EventStream", "JsonLines"]

Data = Mapping[str, Any]

_OWN_WORDS = frozenset(
    {
        *("run", "rules", "profile", "deployment", "expect", "tables", "narrowed", "verdicts"),
        *("record.case", "record.operation", "record.api", "record.verdict", "record.rules"),
        *("record.expected", "record.observed", "record.deciding", "record.ledger"),
        *("record.effects", "record.correlation"),
    }
)
"""What the harness itself puts into an event; a password that is such a word changes no report."""


class Consumer(Protocol):
    """Takes every event, in order."""

    def take(self, kind: str, data: Data) -> None:
        """One event."""


@dataclass(slots=True)
class EventStream:
    """Hands every event to every consumer."""

    consumers: list[Consumer] = field(default_factory=list)

    def emit(self, kind: str, data: Data) -> None:
        """Tell all consumers; ``at`` is now, unless the event says when it was."""
        stamped = redact_data({"at": datetime.now(UTC).isoformat(), **data}, _OWN_WORDS)
        for consumer in self.consumers:
            consumer.take(kind, stamped)


class JsonLines:
    """Appends each event to a file as one JSON line, at once, so that a crash loses nothing.

    Nothing is buffered: what could not be written is told by the event it belongs to.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def take(self, kind: str, data: Data) -> None:
        """Write one event."""
        line = {"event": kind, **data}
        rest = memoryview(f"{json.dumps(line, separators=(',', ':'))}\n".encode())
        while rest:
            rest = rest[self._file.write(rest) :]
        if kind == "finished":
            self._file.close()
