"""The events of ``events.jsonl`` as models: what each field must be, and what older runs lack.

A field with a default came later than the first folders. Keys that are not known here are passed
over, so that a folder of a newer version opens; ids of rules and of known deviations may be any.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, InstanceOf

from scicat_harness.judge.record import STORED_JOB, UNSPECIFIED
from scicat_harness.model.effect import Channel
from scicat_harness.report.stored.depth import refuse_depth

__all__ = [
    "EVENTS_BY_KIND",
    "CheckEvent",
    "Event",
    "Finished",
    "Record",
    "Started",
    "StoredRequest",
    "Text",
]

_LONGEST = 1e9
"""Seconds, some thirty years: what is beyond was not measured, and overflows in a report."""
_MOST = 2**53
_LATEST = 253402300799
"""The end of the year 9999 in Unix time."""
_YEARS = range(1970, 9999)

Text = Annotated[str, InstanceOf()]
"""Any text, half a surrogate pair included, which a backend may well have sent."""
Seconds = Annotated[float, Field(ge=0, le=_LONGEST, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=_MOST)]
Status = Annotated[int, Field(ge=0, le=999)]


def _is_named(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def _is_moment(value: str) -> str:
    """An ISO 8601 time with its offset, in years that every consumer can calculate with."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("must tell its offset from UTC")
    if found.year not in _YEARS:
        raise ValueError("is no time that a run may have been at")
    return value


_KEYS: Mapping[str, tuple[str, type]] = {
    STORED_JOB: (UNSPECIFIED, list),
    Channel.AMQP: ("source", str),
    Channel.URL: ("headers", dict),
}
"""The keys of effects, by channel, that comparisons rest on; the others may hold anything."""
_SPOKEN: Mapping[type, str] = {list: "a list", str: "text", dict: "an object"}


def _is_effect(value: dict[str, Any]) -> dict[str, Any]:
    channel = value.get("channel")
    if not isinstance(channel, str):
        raise ValueError("channel must be text")
    key, kind = _KEYS.get(channel, ("channel", str))
    if key in value and not isinstance(value[key], kind):
        raise ValueError(f"{key} must be {_SPOKEN[kind]}")
    if channel == STORED_JOB and not all(isinstance(each, str) for each in value.get(key, ())):
        raise ValueError(f"{key} must be a list of texts")
    refuse_depth(value)
    return value


Verdict = Literal["passed", "deviating", "failed", "not_verifiable", "unknown"]
Named = Annotated[Text, AfterValidator(_is_named)]
Pair = Annotated[list[Text], Field(min_length=2, max_length=2)]
Moment = Annotated[Text, AfterValidator(_is_moment)]
Effect = Annotated[dict[Text, Any], AfterValidator(_is_effect)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class StoredDifference(_Part):
    """In what a request was not as expected (``model.difference``)."""

    path: Named
    expected: Any = None
    observed: Any = None
    rule: Text = ""


class StoredRequest(_Part):
    """What was observed of one request, and what it came to (``judge.record``)."""

    operation: Text
    api: Text
    identity: Text
    job_type: Text
    status: Status
    observed: Text
    rule: Text
    effects: list[Effect] | None = None
    watched: bool = False
    verdict: Verdict | Literal[""] = ""
    rules: list[Text] = []
    ledger: Text = ""
    differences: list[StoredDifference] = []
    correlation: Text = ""


class Record(_Part):
    """One finished check (``judge.record``)."""

    case: Named
    operation: Text
    api: Text
    identity: Text
    job_type: Text
    verdict: Verdict
    expected: Text = ""
    observed: Text = ""
    status: Status = 0
    rules: list[Text] = []
    deciding: Text = ""
    ledger: Text = ""
    reason: Text = ""
    correlation: Text = ""
    effects: list[Text] = []
    watched: bool = False
    seen: list[StoredRequest] = []


class Event(_Part):
    """What all events have; ``at`` is missing in folders of the first versions."""

    at: Moment | None = None


class Started(Event):
    """The first event: what is judged, and how."""

    run: Named
    deployment: Text
    backend_version: Text
    unobserved: Text | None = None
    """Missing in older folders: worked out by today's list then."""
    profile: Text
    expect: Text
    rules: list[Text]
    image: Text | None = None
    digest: Text | None = None
    harness: Text | None = None
    configuration: Text | None = None
    narrowed: list[Text] | None = None
    defect: Text | None = None
    took: dict[Text, Seconds] = {}
    identities: list[Text] = []
    tables: dict[Text, list[Text]] = {}


class CheckEvent(Event):
    """One per check."""

    record: Record
    seconds: Seconds = 0.0
    story: Text = ""
    parts: list[Pair] = []
    """The same in pairs of name and text; none in older runs."""


class Finished(Event):
    """The last event; a run that was killed has none."""

    seconds: Seconds
    requests: Count
    left_behind: list[Text]
    interrupted: bool = False
    collected: Count | None = None
    finished_at: Annotated[float, Field(ge=0, le=_LATEST, allow_inf_nan=False)] | None = None


EVENTS_BY_KIND: Mapping[str, type[Event]] = {
    "started": Started,
    "check": CheckEvent,
    "finished": Finished,
}
