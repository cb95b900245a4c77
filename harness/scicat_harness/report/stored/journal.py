"""The journal of a run, read back: the arrivals of some requests, and which lines are damaged.

A journal adds to a report what was sent; no verdict rests on it. So a damaged line is left out and
named in the report, and does not keep a run from being shown.
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
    """One arrival (scicat_harness.sinks.arrival)."""

    seq: int
    at: float
    channel: Text
    source: Text
    tokens: list[Text]
    correlation: Text | None
    content: dict[Text, Any]
    behaviour: dict[Text, Any] | None = None


_CONTENTS: Mapping[str, type[_Part]] = {EMAIL: _Mail, URL: _Call, AMQP: _Message}
"""The keys of a content that a report takes apart; the others may hold anything."""


@dataclass(frozen=True, slots=True)
class StoredJournal:
    """Arrivals by correlation, in order, and the numbers of the lines that are damaged."""

    arrivals: Mapping[str, Sequence[Arrival]] = field(default_factory=dict)
    damaged: Sequence[int] = ()


def read_journal(folder: Path, correlations: Collection[str]) -> StoredJournal:
    """The arrivals of these requests; empty where the run has no journal.

    Half a last line, as a killed run leaves it, is no damage. Raises UsageFault where the file
    cannot be read.
    """
    path = folder / JOURNAL
    found: dict[str, list[Arrival]] = {}
    damaged = []
    try:
        if not correlations or not path.is_file():
            return StoredJournal()
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                arrival = _arrival(line)
                if arrival is None:
                    damaged += [number] if line.endswith(b"\n") else []
                elif arrival.correlation in correlations:
                    found.setdefault(str(arrival.correlation), []).append(arrival)
    except OSError as error:
        raise UsageFault(
            f"{path}: cannot be read ({error.strerror}); make it readable, or move it away"
        ) from None
    return StoredJournal(found, damaged)


def _arrival(line: bytes) -> Arrival | None:
    """The arrival of a line; None where it is none."""
    try:
        data = _Line.model_validate(json.loads(line.decode("utf-8", "replace"))).model_dump()
        content = data["content"]
        refuse_depth(content)
        if data["channel"] in _CONTENTS:
            _CONTENTS[data["channel"]].model_validate(content)
    except (ValueError, RecursionError, ValidationError):
        return None
    return Arrival.from_json(data)
