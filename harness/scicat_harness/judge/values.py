"""Values: what fills in the names of an expectation, in a live run and in the record of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.config.startup import DEFAULT_SENDER, REPLY_TO
from scicat_harness.judge.channels import CHANNELS
from scicat_harness.judge.names import Names
from scicat_harness.model.effect import STORED, Effect, StoredJobMarker
from scicat_harness.model.text import Text, fill

__all__ = ["LiveValues", "RecordedValues"]

Document = Mapping[str, Any]
_ID = "ffffffff-ffff-4fff-8fff-ffffffffffff"
_TIME = "2026-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class LiveValues:
    """What a run knows: names for texts, and the job as it is stored (None: there is none)."""

    names: Mapping[str, str] = field(default_factory=dict)
    stored: Document | None = None

    def content(self, effect: Effect) -> Document:
        """What an effect must look like in this run."""
        return _all_filled(effect.content, self.names, self.stored)

    def plain(self, value: Any) -> Any:
        """The value itself."""
        return value


@dataclass(frozen=True, slots=True)
class RecordedValues:
    """For an observation from a record, in which names stand for what only its run knew.

    What cannot be said of an effect is left open: then its channel alone is compared. So is the
    document of a message, which was held against the stored job when both were there.
    """

    names: Names
    known: Mapping[str, str]

    @classmethod
    def of(cls, names: Names, contact: str, *, creates: bool) -> RecordedValues:
        """Those of a create or update of a run."""
        token, run = names.token, names.run
        known = {
            "run": run,
            "token": token,
            "other": token if creates else f"{run}-main-9999999",
            "id": _ID,
            "created_at": _TIME,
            "updated_at": _TIME,
            "contact": contact,
            "default_from": DEFAULT_SENDER,
            "default_reply_to": REPLY_TO,
        }
        return cls(Names(run, token, _ID), _Pids(known))

    def content(self, effect: Effect) -> Document:
        """What an effect must look like in the record."""
        told = {key: value for key, value in effect.content.items() if value is not STORED}
        try:
            filled = _all_filled(told, self.known, None)
        except KeyError:
            return {}
        rules = CHANNELS[effect.channel]
        kept: dict[str, Any] = self.names.normal(rules.recorded(filled))
        # A record has no key for what is empty.
        empty = {key: None for key in rules.keys if filled.get(key, 0) in (None, {})}
        return {**kept, **empty}

    def plain(self, value: Any) -> Any:
        """The value by the names of the record."""
        return self.names.normal(value)


class _Pids(dict[str, str]):
    """Names of texts; those of datasets are made when asked for."""

    def __missing__(self, name: str) -> str:
        if not name.startswith("pid_"):
            raise KeyError(name)
        return f"{self['run']}/{name.removeprefix('pid_').replace('_', '-')}"


def _all_filled(
    content: Document, names: Mapping[str, str], stored: Document | None
) -> dict[str, Any]:
    return {
        key: _filled(value, names, stored)
        for key, value in content.items()
        if not (isinstance(value, Text) and value.unjudged)
    }


def _filled(value: Any, names: Mapping[str, str], stored: Document | None) -> Any:
    if isinstance(value, Text):
        return fill(value.means, names)
    if isinstance(value, StoredJobMarker):
        return stored
    if isinstance(value, Mapping):
        return _all_filled(value, names, stored)
    if isinstance(value, list | tuple):
        return [_filled(each, names, stored) for each in value]
    return fill(value, names) if isinstance(value, str) else value
