"""Models of the events in ``events.jsonl``: types and limits of all fields.

A field with a default was added after the first version. Unknown keys are ignored, so that folders
of newer versions can be opened. Ids of rules and of known deviations may be any text, but an
unknown verdict is refused: its meaning is not known here.
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
"""Seconds, some thirty years; longer times are damage and overflow in reports."""
_MOST = 2**53
"""The largest number up to which doubles, and so JavaScript, have all integers."""
_LATEST = 253402300799
"""The end of the year 9999 in Unix time."""
_YEARS = range(1970, 9999)
"""Years that every consumer can handle, in any time zone."""

Text = Annotated[str, InstanceOf()]
"""Any text, including half a surrogate pair, which Pydantic refuses for ``str``."""
Seconds = Annotated[float, Field(ge=0, le=_LONGEST, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=_MOST)]
Status = Annotated[int, Field(ge=0, le=999)]


def _is_named(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def _is_moment(value: str) -> str:
    """Validate an ISO 8601 time with offset, in years that every consumer can handle."""
    found = datetime.fromisoformat(value)
    # Without an offset it cannot be compared with the times of other events.
    if found.tzinfo is None:
        raise ValueError("must have an offset from UTC")
    if found.year not in _YEARS:
        raise ValueError("must be a time from 1970 to 9998")
    return value


_KEYS: Mapping[str, tuple[str, type]] = {
    STORED_JOB: (UNSPECIFIED, list),
    Channel.AMQP: ("source", str),
    Channel.URL: ("headers", dict),
}
"""Keys of effects that comparisons use, by channel, with their types; other keys are free."""
_TYPE_NAMES: Mapping[type, str] = {list: "a list", str: "text", dict: "an object"}


def _is_effect(value: dict[str, Any]) -> dict[str, Any]:
    channel = value.get("channel")
    if not isinstance(channel, str):
        raise ValueError("channel must be text")
    # An unknown channel may come from a newer version: only the channel itself is checked.
    key, kind = _KEYS.get(channel, ("channel", str))
    if key in value and not isinstance(value[key], kind):
        raise ValueError(f"{key} must be {_TYPE_NAMES[kind]}")
    if channel == STORED_JOB and not all(isinstance(each, str) for each in value.get(key, ())):
        raise ValueError(f"{key} must be a list of texts")
    refuse_depth(value)
    return value


Verdict = Literal["passed", "deviating", "accepted", "failed", "not_verifiable", "unknown"]
Named = Annotated[Text, AfterValidator(_is_named)]
Pair = Annotated[list[Text], Field(min_length=2, max_length=2)]
Moment = Annotated[Text, AfterValidator(_is_moment)]
Effect = Annotated[dict[Text, Any], AfterValidator(_is_effect)]


class _Part(BaseModel):
    # strict: JSON has types, so "1" is no number; lax conversion would hide damage.
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class StoredDifference(_Part):
    """A difference of a request: path, expected and observed value (``model.difference``)."""

    path: Named
    expected: Any = None
    observed: Any = None
    rule: Text = ""


class StoredRequest(_Part):
    """One request of a check: its observation and judgement (``judge.record``).

    ``effects`` is None if nobody looked. All fields from ``verdict`` on are missing in records of
    older versions.
    """

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
    """One finished check (``judge.record``).

    Unlike CheckRecord, which is made from it, it is validated.
    """

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
    accepted: Text = ""
    job: Text = ""


class Event(_Part):
    """The fields of all events; ``at`` is missing in folders of the first versions."""

    at: Moment | None = None


class Started(Event):
    """The first event: the backend, the options and the rules of the run.

    ``took`` are seconds by stage of the start. ``narrowed`` are options that limit what runs; None
    stands for older versions, an empty list for a run without limits.
    """

    run: Named
    deployment: Text
    backend_version: Text
    unobserved: Text | None = None
    """Missing in older folders; then it follows from the list of releases of today."""
    profile: Text
    expect: Text
    rules: list[Text]
    image: Text | None = None
    digest: Text | None = None
    checkout: Text | None = None
    commit: Text | None = None
    harness: Text | None = None
    configuration: Text | None = None
    narrowed: list[Text] | None = None
    shard: Text | None = None
    """Such as ``2/3``; None for a run that is no shard."""
    about: list[Text] = []
    """What the run can observe (``Deviation.about``)."""
    defect: Text | None = None
    took: dict[Text, Seconds] = {}
    identities: list[Text] = []
    tables: dict[Text, list[Text]] = {}


class CheckEvent(Event):
    """One finished check, with its duration in seconds and its story if it failed."""

    record: Record
    seconds: Seconds = 0.0
    story: Text = ""
    parts: list[Pair] = []
    """The story as pairs of name and text; empty for runs of older versions."""
    run: Text = ""
    """The run that made the check, in a run that was merged of several."""


class Finished(Event):
    """The last event; a killed run has none.

    ``seconds`` is the duration of the run, ``collected`` the number of selected cases, and
    ``left_behind`` are sentences on objects that could not be removed, ``noticed`` those on
    findings of low severity.
    """

    seconds: Seconds
    requests: Count
    left_behind: list[Text]
    noticed: list[Text] = []
    interrupted: bool = False
    collected: Count | None = None
    collection: Text = ""
    """Fingerprint of the checks of all shards; "" for a run that is no shard."""
    unused: list[Pair] = []
    """Name and sentence of each accepted difference that no check of a shard needed."""
    finished_at: Annotated[float, Field(ge=0, le=_LATEST, allow_inf_nan=False)] | None = None


EVENTS_BY_KIND: Mapping[str, type[Event]] = {
    "started": Started,
    "check": CheckEvent,
    "finished": Finished,
}
