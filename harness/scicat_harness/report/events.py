"""The event stream of a run: everything that a report shows passes through it once, in order.

Events are ``started``, ``check`` and ``finished``, with plain data; ``stored.event`` has their
fields. Reports are consumers, and adding one changes nothing else. An event carries its own time,
so that a report made from a stored stream is the same as one made during the run.
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
"""Fields whose values are words of the harness: a password that is such a word changes none."""


class Consumer(Protocol):
    """A receiver of all events of a run, in order.

    Example::

        class Counter:
            checks = 0

            def take(self, kind, data):
                self.checks += kind == "check"
    """

    def take(self, kind: str, data: Data) -> None:
        """Process one event; ``kind`` is started, check or finished."""


@dataclass(slots=True)
class EventStream:
    """Passes every event to every consumer, without passwords and tokens."""

    consumers: list[Consumer] = field(default_factory=list)

    def emit(self, kind: str, data: Data) -> None:
        """Pass an event to all consumers, in the order of ``consumers``.

        ``at`` is set to the current time (ISO 8601, UTC) unless ``data`` has it, as a replay does.
        """
        # Secrets are removed before any consumer sees the event, so that no report contains one.
        stamped = redact_data({"at": datetime.now(UTC).isoformat(), **data}, _OWN_WORDS)
        for consumer in self.consumers:
            consumer.take(kind, stamped)


class JsonLines:
    """A consumer that appends each event to a file as one JSON line.

    An event is written at once, so that a crash loses none. Raises OSError from ``take`` if an
    event cannot be written.
    """

    def __init__(self, path: Path) -> None:
        # Without a buffer, an error of writing is raised by the event that it belongs to.
        self._file = path.open("ab", buffering=0)

    def take(self, kind: str, data: Data) -> None:
        """Write one event; close the file after the last one."""
        line = {"event": kind, **data}
        rest = memoryview(f"{json.dumps(line, separators=(',', ':'))}\n".encode())
        # An unbuffered write may write less than it was given.
        while rest:
            rest = rest[self._file.write(rest) :]
        if kind == "finished":
            self._file.close()
