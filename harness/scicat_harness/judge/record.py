"""Records: a finished check as plain data, for reports and for other processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from scicat_harness.judge.channels import CHANNELS
from scicat_harness.judge.names import Names
from scicat_harness.judge.stored import OWNERS
from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Channel
from scicat_harness.model.observation import Observation, SeenEffect
from scicat_harness.model.outcome import StoredJob, Verdict

__all__ = [
    "STORED_JOB",
    "UNSPECIFIED",
    "CheckRecord",
    "RequestRecord",
    "left_by",
    "seen_in",
]

STORED_JOB = "job"
"""The channel under which a record keeps a stored job, beside those of ``Channel``."""

UNSPECIFIED = "unspecified"
"""The key of a stored job for the names of fields without one specified value."""

# Fields of a stored job that a record leaves out.
_OF_THE_RUN = frozenset(
    {
        # They differ from run to run.
        *("_id", "id", "__v", "configVersion", "createdAt", "updatedAt"),
        # They repeat the request, and were compared with it during the run.
        *("type", "jobParams", "jobResultObject"),
    }
)
# The order of lanes in a record; effects of different lanes have no order in a run.
_LANES: Mapping[str, int] = {"awaited": 1, "amqp": 2, "log": 3, "other": 4}


def _flat(record: RequestRecord | CheckRecord) -> dict[str, Any]:
    # Not which copies every value to its depth: each check of a run passes through here.
    return {each.name: getattr(record, each.name) for each in fields(record)}


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """The observation and the judgement of one request of a check; all values are JSON types.

    ``observed`` is the outcome class; that of a list is allow if it shows the job. ``rule`` is
    the rule that decides what is expected. ``effects`` are the stored jobs and effects of the
    request, or None where it was not settled; each has a ``channel`` and further keys, in which
    names such as ``$token`` stand for what only the run knew. ``watched`` says that effects other
    than the stored job could be seen.

    ``verdict`` is "" for a request that was not judged, and ``differences`` are those of
    ``model.difference``. Records of older runs lack the fields from ``verdict`` on.
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
        """Return plain data; empty fields from ``verdict`` on are left out."""
        effects = None if self.effects is None else [dict(each) for each in self.effects]
        data = {**_flat(self), "effects": effects}
        data["rules"], data["differences"] = list(self.rules), list(self.differences)
        return {key: value for key, value in data.items() if key not in _NEWER_FIELDS or value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RequestRecord:
        """Return the record from what ``to_json`` returned."""
        effects = data.get("effects")
        lists = {name: tuple(data.get(name) or ()) for name in ("rules", "differences")}
        return cls(**{**data, **lists, "effects": None if effects is None else tuple(effects)})

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the differences, as in ``model.difference``."""
        return tuple(Difference.from_json(each).path for each in self.differences)


_NEWER_FIELDS = ("verdict", "rules", "ledger", "differences", "correlation")
"""Fields that records of older runs do not have."""


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """A finished check as reports store it; all values are JSON types.

    ``seen`` are its requests, as ``RequestRecord.to_json``. The other fields are those of the
    request with the worst verdict, except ``rules`` and ``effects``, which are those of all
    requests. ``effects`` are the channels of the expected effects; they were compared where
    ``watched``. ``expected`` and ``observed`` are outcome classes (allow, deny, invalid);
    ``ledger`` is the id of the known deviation that covers the check, or "". ``accepted`` is the
    decision by which a difference is accepted, or "". ``job`` names whose job was read, listed or
    deleted, or is "".
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
    accepted: str = ""
    job: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain data; ``accepted`` and ``job`` are left out if they are empty."""
        data = _flat(self)
        for name in ("accepted", "job"):
            if not data[name]:
                del data[name]
        data["rules"] = list(self.rules)
        data["effects"] = list(self.effects)
        data["seen"] = list(self.seen)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CheckRecord:
        """Return the record from what ``to_json`` returned; missing lists are empty."""
        lists = {name: tuple(data.get(name, ())) for name in ("rules", "effects", "seen")}
        return cls(**{**data, **lists})

    def as_judged(self) -> CheckRecord:
        """Return the record as it was before its difference was accepted."""
        if self.verdict != Verdict.ACCEPTED:
            return self
        return replace(self, verdict=Verdict.FAILED, accepted="")

    @property
    def requests(self) -> tuple[RequestRecord, ...]:
        """The records of all requests, in order; empty where an older run does not have them."""
        return tuple(RequestRecord.from_json(each) for each in self.seen)

    @property
    def deviations(self) -> tuple[str, ...]:
        """The ids of all known deviations that the requests showed, each once, in order."""
        found = [str(each.get("ledger") or "") for each in self.seen]
        return tuple(dict.fromkeys(each for each in (*found, self.ledger) if each))


def left_by(
    observation: Observation, names: Names, owners: StoredJob | None = None
) -> tuple[Mapping[str, Any], ...] | None:
    """Return stored jobs and effects as a record keeps them; None where they were not settled.

    Stored jobs come first, then effects by lane, so that two runs are alike. Owner fields for
    which ``owners`` has several acceptable values are named under ``UNSPECIFIED``.
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
    """Return the effects of a record, without its stored jobs, as an observation has them.

    ``effects`` is the list of a RequestRecord. Effects of channels that this version does not know
    are of the channel OTHER.
    """
    found = enumerate(each for each in effects if each["channel"] != STORED_JOB)
    return tuple(
        SeenEffect(
            _channel(each["channel"]), str(each.get("source", "")), seq, each, each["channel"]
        )
        for seq, each in found
    )


def _channel(name: str) -> Channel:
    """Return the channel of that name; OTHER for one that only a newer version knows."""
    return next((each for each in Channel if each == name), Channel.OTHER)
