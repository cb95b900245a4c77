"""Sightings: what was observed of one request, in a form that two runs can be compared by.

Whatever only one run knows (tokens, ids, times, ports) is replaced by a name such as ``$token``, so
that the same behaviour looks the same in every run. Secrets are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from scicat_harness.judge.effects import in_words_of_effects, was_taken
from scicat_harness.judge.received import HIDDEN_HEADERS, SECRET_HEADERS
from scicat_harness.model.effect import Channel
from scicat_harness.model.outcome import StoredJob
from scicat_harness.secrets import redact
from scicat_harness.sinks.arrival import Arrival

__all__ = [
    "KEYS",
    "OF_THE_CLIENT",
    "STORED_JOB",
    "UNSPECIFIED",
    "Left",
    "Names",
    "Sighting",
    "comparable",
]

STORED_JOB = "job"
"""The channel of the stored job that carries a request, beside those of ``Channel``."""

UNSPECIFIED = "unspecified"
"""The key of a stored job that names its fields that nobody promises a value of."""

_LONGEST = 400
_DIGITS = 12
KEYS: Mapping[str, tuple[str, ...]] = {
    Channel.EMAIL: ("to", "from", "reply_to", "subject", "html", "text"),
    Channel.URL: ("method", "path", "headers", "body"),
    Channel.AMQP: ("source", "exchange", "key", "properties", "json", "body", "layout"),
    Channel.LOG: ("context", "level", "text"),
}
"""What is kept of an effect, by channel; all of what the probe of a plugin saw."""
_LANES: Mapping[str, int] = {
    Channel.URL: 1,
    Channel.EMAIL: 1,
    Channel.AMQP: 2,
    Channel.LOG: 3,
    Channel.OTHER: 4,
}
_BY_SOURCE = (Channel.AMQP, Channel.OTHER)
OF_THE_CLIENT = HIDDEN_HEADERS | {"content-length", "sec-fetch-mode", "user-agent"}
"""Headers that are not kept."""
_OF_THE_RUN = frozenset(
    {
        *("_id", "id", "__v", "configVersion", "createdAt", "updatedAt"),
        # What was sent; the claims of a check look at it (scicat_harness.judge.settle).
        *("type", "jobParams", "jobResultObject"),
    }
)
_OWNERS = {"ownerUser": "owner_user", "ownerGroup": "owner_group", "contactEmail": "contact_email"}
_NAMED: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "$uuid"),
        (r"\b[0-9a-f]{24}\b", "$oid"),
        (r"\d{4}-\d\d-\d\dT\d\d(:|%3A)\d\d(:|%3A)\d\d(\.\d+)?(Z|\+00:00)?", "$time"),
        (r"\d{4}-\d\d-\d\d", "$date"),
        # Containers know this machine by another address than processes do.
        (r"(?:\d+(?:\.\d+){3}|localhost|host\.docker\.internal)(:|%3A)\d+", r"$host\1$port"),
        (r"harness-[0-9a-f]{12}\b", "$config"),
    )
)

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Left:
    """What a request left: the stored jobs that carry it, and its effects in order of arrival.

    ``arrivals`` is None where nobody could see any.
    """

    documents: Sequence[Document]
    arrivals: Sequence[Arrival] | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One request of a check as it was observed; all values are JSON types.

    ``observed`` is the outcome class, for a list whether it shows the job. ``effects`` is what the
    request left, or None where that was not asked; each has a ``channel`` and further keys.
    ``watched`` tells whether effects other than the stored job could be seen.
    """

    operation: str
    api: str
    identity: str
    job_type: str
    status: int
    observed: str
    rule: str
    effects: tuple[Mapping[str, Any], ...] | None = None
    watched: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        effects = None if self.effects is None else [dict(each) for each in self.effects]
        return {**asdict(self), "effects": effects}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Sighting:
        """The sighting that ``to_json`` came from."""
        effects = data.get("effects")
        return cls(**{**data, "effects": None if effects is None else tuple(effects)})


@dataclass(frozen=True, slots=True)
class Names:
    """What only this run knows of a request: its name, the token, the id of the job."""

    run: str
    token: str = ""
    job_id: str = ""

    def normal(self, value: Any) -> Any:
        """The value without what only this run knows, and without secrets; long texts are cut."""
        if isinstance(value, Mapping):
            return {self._text(str(key)): self.normal(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.normal(each) for each in value]
        return _cut(self._text(value)) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        for known, name in ((self.token, "$token"), (self.job_id, "$id")):
            if known:
                text = text.replace(known, name)
        text = re.sub(rf"{re.escape(self.run)}-[a-z0-9]+-\d{{7}}", "$other", redact(text))
        text = text.replace(self.run, "$run")
        for pattern, name in _NAMED:
            text = pattern.sub(name, text)
        return text


def comparable(
    left: Left, names: Names, expected: StoredJob | None = None
) -> tuple[dict[str, Any], ...]:
    """What a request left, as plain data; only what keeps an order is in that order.

    A stored job whose ``expected`` owners are not one each names these fields as UNSPECIFIED.
    A mail that the server did not take is no effect.
    """
    arrivals = [each for each in left.arrivals or () if was_taken(each)]
    seen = sorted(arrivals, key=_lane)
    jobs = (_job(each, names, expected) for each in left.documents)
    return (*jobs, *(_effect(each, names) for each in seen))


def _lane(arrival: Arrival) -> tuple[int, str]:
    """Messages of different queues, lines of a log, and what probes see keep no order together."""
    source = arrival.source if arrival.channel in _BY_SOURCE else ""
    return _LANES[arrival.channel], source


def _job(document: Document, names: Names, expected: StoredJob | None) -> dict[str, Any]:
    shown = {key: value for key, value in document.items() if key not in _OF_THE_RUN}
    if expected is not None:
        loose = [key for key, name in _OWNERS.items() if len(getattr(expected, name)) > 1]
        if loose:
            shown[UNSPECIFIED] = loose
    return {"channel": STORED_JOB, **names.normal(shown)}


def _effect(arrival: Arrival, names: Names) -> dict[str, Any]:
    found = in_words_of_effects(arrival)
    keys = KEYS.get(arrival.channel, tuple(key for key in found if key != "channel"))
    kept = {key: found[key] for key in keys if found.get(key) not in (None, {})}
    if isinstance(found.get("headers"), Mapping) and arrival.channel == Channel.URL:
        kept["headers"] = {
            name: "***" if name in SECRET_HEADERS else value
            for name, value in sorted(found["headers"].items())
            if name not in OF_THE_CLIENT
        }
    if kept.get("json") is not None and arrival.channel == Channel.AMQP:
        kept.pop("body", None)
    return {"channel": arrival.channel, **names.normal(kept)}


def _cut(text: str) -> str:
    """A long text by its beginning and a digest of the whole."""
    if len(text) <= _LONGEST:
        return text
    digest = sha256(text.encode()).hexdigest()[:_DIGITS]
    return f"{text[:_LONGEST]}... ({len(text)} characters, sha256 {digest})"
