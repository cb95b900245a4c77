"""The stored journal of a run: the arrivals of some requests, and the damaged lines.

A journal adds mails, calls and messages to a report; no verdict depends on it. Therefore damaged
lines are left out and named in the report, and do not prevent a run from being shown.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scicat_harness.errors import UsageFault
from scicat_harness.report.stored.depth import refuse_depth
from scicat_harness.report.stored.event import Text
from scicat_harness.sinks.arrival import AMQP, EMAIL, URL, Arrival

__all__ = ["JOURNAL", "StoredJournal", "read_journal"]

JOURNAL = "journal.jsonl"


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Mail(_Part):
    rcpt_tos: list[Text] | None = None


class _Call(_Part):
    headers: list[Annotated[list[Text], Field(min_length=2, max_length=2)]] | None = None


class _Message(_Part):
    properties: dict[Text, Any] | None = None


class _Line(_Part):
    """One arrival (``sinks.arrival``)."""

    seq: int
    at: float
    channel: Text
    source: Text
    tokens: list[Text]
    correlation: Text | None
    content: dict[Text, Any]
    behaviour: dict[Text, Any] | None = None


_CONTENTS: Mapping[str, type[_Part]] = {EMAIL: _Mail, URL: _Call, AMQP: _Message}
"""Models of the keys that a report reads, by channel; other keys may have any value."""


@dataclass(frozen=True, slots=True)
class StoredJournal:
    """Arrivals by correlation, in order of arrival, and the numbers of damaged lines, from 1."""

    arrivals: Mapping[str, Sequence[Arrival]] = field(default_factory=dict)
    damaged: Sequence[int] = ()


def read_journal(folder: Path, correlations: Collection[str]) -> StoredJournal:
    """Return the arrivals of the requests with these correlations.

    The result is empty if the run has no journal. Half a last line, as a killed run leaves it, does
    not count as damaged. Raises UsageFault if the file cannot be read.
    """
    path = folder / JOURNAL
    found: dict[str, list[Arrival]] = {}
    damaged = []
    try:
        if not correlations or not path.is_file():
            return StoredJournal()
        # Line by line: a journal has every mail of a run, and few of them are wanted.
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                arrival = _arrival(line)
                if arrival is None:
                    # Only a last line can lack its newline: the run was killed while writing it.
                    damaged += [number] if line.endswith(b"\n") else []
                elif arrival.correlation in correlations:
                    found.setdefault(str(arrival.correlation), []).append(arrival)
    except OSError as error:
        raise UsageFault(
            f"{path}: cannot be read ({error.strerror}); make it readable, or move it away"
        ) from None
    return StoredJournal(found, damaged)


def _arrival(line: bytes) -> Arrival | None:
    """Return the arrival of a line, or None if the line is damaged."""
    # "replace": one damaged character must not cost a whole mail.
    try:
        data = _Line.model_validate(json.loads(line.decode("utf-8", "replace"))).model_dump()
        content = data["content"]
        refuse_depth(content)
        # The content keeps all its keys; it is only validated, since reports read some of them.
        if data["channel"] in _CONTENTS:
            _CONTENTS[data["channel"]].model_validate(content)
    except (ValueError, RecursionError, ValidationError):
        return None
    return Arrival.from_json(data)
