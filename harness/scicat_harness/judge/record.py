"""Records: one finished check as plain data, for reports and for other processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from scicat_harness.judge.channels import CHANNELS
from scicat_harness.judge.names import Names
from scicat_harness.judge.stored import OWNERS
from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Channel
from scicat_harness.model.observation import Observation, SeenEffect
from scicat_harness.model.outcome import StoredJob

__all__ = [
    "STORED_JOB",
    "UNSPECIFIED",
    "CheckRecord",
    "RequestRecord",
    "left_by",
    "seen_in",
]

STORED_JOB = "job"
"""The channel of the stored job that carries a request, beside those of ``Channel``."""

UNSPECIFIED = "unspecified"
"""The key of a stored job that names its fields that nobody promises a value of."""

_OF_THE_RUN = frozenset(
    {
        *("_id", "id", "__v", "configVersion", "createdAt", "updatedAt"),
        # What was sent; it was held against the request when both were there.
        *("type", "jobParams", "jobResultObject"),
    }
)
_LANES: Mapping[str, int] = {"awaited": 1, "amqp": 2, "log": 3, "other": 4}


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request of a check: what was observed of it, and what it came to; all are JSON types.

    ``observed`` is the outcome class, for a list whether it shows the job, ``rule`` the rule that
    decides what is expected. ``effects`` is what the request left, or None where nobody looked;
    each has a ``channel`` and further keys, in which names such as ``$token`` stand for what only
    the run knew. ``watched`` tells whether effects other than the stored job could be seen.

    ``verdict`` is "" for a request that nothing was to be shown by, and ``differences`` are those
    of ``model.difference``. Records of older runs have nothing of what follows ``watched``.
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
    verdict: str = ""
    rules: tuple[str, ...] = ()
    ledger: str = ""
    differences: tuple[Mapping[str, Any], ...] = ()
    correlation: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data, without what is empty."""
        effects = None if self.effects is None else [dict(each) for each in self.effects]
        data = {**asdict(self), "effects": effects}
        data["rules"], data["differences"] = list(self.rules), list(self.differences)
        return {key: value for key, value in data.items() if key not in _LATER or value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RequestRecord:
        """The record that ``to_json`` came from."""
        effects = data.get("effects")
        lists = {name: tuple(data.get(name) or ()) for name in ("rules", "differences")}
        return cls(**{**data, **lists, "effects": None if effects is None else tuple(effects)})

    @property
    def paths(self) -> tuple[str, ...]:
        """What differs, by the paths of ``model.difference``."""
        return tuple(Difference.from_json(each).path for each in self.differences)


_LATER = tuple(each.name for each in fields(RequestRecord)[9:])


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """What was checked and what came of it; all values are JSON types.

    A check is a list of judged requests, ``seen``; the other fields are those of the one with the
    worst verdict, but for ``rules`` and ``effects``, which have those of all of them. ``effects``
    are the channels of the effects that were expected, where they are ``watched``. ``expected``
    and ``observed`` are outcome classes (allow, deny, invalid); ``ledger`` is the known deviation
    that covers it, or "".
    """

    case: str
    operation: str
    api: str
    identity: str
    job_type: str
    verdict: str
    expected: str = ""
    observed: str = ""
    status: int = 0
    rules: tuple[str, ...] = ()
    deciding: str = ""
    ledger: str = ""
    reason: str = ""
    correlation: str = ""
    effects: tuple[str, ...] = ()
    watched: bool = False
    seen: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        data = asdict(self)
        data["rules"] = list(self.rules)
        data["effects"] = list(self.effects)
        data["seen"] = list(self.seen)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CheckRecord:
        """The record that ``to_json`` came from."""
        lists = {name: tuple(data.get(name, ())) for name in ("rules", "effects", "seen")}
        return cls(**{**data, **lists})

    @property
    def requests(self) -> tuple[RequestRecord, ...]:
        """What was observed of every request, in order; none where an older run does not tell."""
        return tuple(RequestRecord.from_json(each) for each in self.seen)

    @property
    def deviations(self) -> tuple[str, ...]:
        """Every known deviation that one of the requests showed, each once, in order."""
        found = [str(each.get("ledger") or "") for each in self.seen]
        return tuple(dict.fromkeys(each for each in (*found, self.ledger) if each))


def left_by(
    observation: Observation, names: Names, owners: StoredJob | None = None
) -> tuple[Mapping[str, Any], ...] | None:
    """What a request left, as a record keeps it; None where nobody has looked.

    What keeps no order together is put in a fixed one. A stored job whose ``owners`` are not one
    each names these fields as UNSPECIFIED.
    """
    if observation.stored is None:
        return None
    jobs = [_job(each, names, owners) for each in observation.stored]
    effects = sorted(observation.effects or (), key=_lane)
    return (*jobs, *(_effect(each, names) for each in effects))


def _lane(seen: SeenEffect) -> tuple[int, str]:
    rules = CHANNELS[seen.channel]
    return _LANES[rules.lane], seen.source if rules.by_source else ""


def _job(document: Mapping[str, Any], names: Names, owners: StoredJob | None) -> Mapping[str, Any]:
    shown = {key: value for key, value in document.items() if key not in _OF_THE_RUN}
    if owners is not None:
        loose = [key for key, name in OWNERS.items() if len(getattr(owners, name)) > 1]
        if loose:
            shown[UNSPECIFIED] = loose
    return {"channel": STORED_JOB, **names.normal(shown)}


def _effect(seen: SeenEffect, names: Names) -> Mapping[str, Any]:
    kept = CHANNELS[seen.channel].recorded(seen.content)
    return {"channel": str(seen.channel), **names.normal(kept)}


def seen_in(effects: Sequence[Mapping[str, Any]]) -> tuple[SeenEffect, ...]:
    """The effects of a record, without its stored jobs, as an observation has them."""
    found = enumerate(each for each in effects if each["channel"] != STORED_JOB)
    return tuple(
        SeenEffect(
            _channel(each["channel"]), str(each.get("source", "")), seq, each, each["channel"]
        )
        for seq, each in found
    )


def _channel(name: str) -> Channel:
    """The channel of a name; one that a newer version knows is none of ours."""
    return next((each for each in Channel if each == name), Channel.OTHER)
