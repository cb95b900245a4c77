"""Values for the names in expected effects, for a live run and for the record of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from scicat_harness.config.startup import DEFAULT_SENDER, REPLY_TO
from scicat_harness.judge.channels import CHANNELS
from scicat_harness.judge.names import Names
from scicat_harness.model.effect import STORED, Effect, StoredJobMarker
from scicat_harness.model.text import Text, date_text, fill

__all__ = ["LiveValues", "RecordedValues"]

Document = Mapping[str, Any]
# Stand-ins for the id and the times of a recorded job; ``Names`` turns them into names again.
_ID = "ffffffff-ffff-4fff-8fff-ffffffffffff"
_TIME = "2026-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class LiveValues:
    """The values of a live run: those of names, and the stored job (None: there is none)."""

    names: Mapping[str, str] = field(default_factory=dict)
    stored: Document | None = None

    def content(self, effect: Effect) -> Document:
        """Return the expected content of an effect with all names filled in."""
        return _all_filled(effect.content, _Texts(self.names), self.stored)

    def plain(self, value: Any) -> Any:
        """Return the value itself."""
        return value


@dataclass(frozen=True, slots=True)
class RecordedValues:
    """The values of a recorded observation, in which names stand for what only its run knew.

    Where a value is not known, the content of an effect is empty and its channel alone is
    compared. The document of a message is left open, too: the run compared it with the stored job.
    """

    names: Names
    known: Mapping[str, str]

    @classmethod
    def of(cls, names: Names, contact: str, *, creates: bool) -> RecordedValues:
        """Return the values of a recorded create or update; ``contact`` is that of its job."""
        token, run = names.token, names.run
        known = {
            "run": run,
            "token": token,
            # The token of the create, which the record of an update does not have: any other one
            # becomes the same name, ``$other``.
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
        """Return the expected content of an effect as a record has it; empty where not known."""
        known = {key: value for key, value in effect.content.items() if value is not STORED}
        try:
            filled = _all_filled(known, self.known, None)
        except KeyError:
            # A text names a value that the record does not have.
            return {}
        rules = CHANNELS[effect.channel]
        kept: dict[str, Any] = self.names.normal(rules.recorded(filled))
        # A record has no key for what is empty.
        empty = {key: None for key in rules.keys if filled.get(key, 0) in (None, {})}
        return {**kept, **empty}

    def plain(self, value: Any) -> Any:
        """Return the value with the names that the record has for it."""
        return self.names.normal(value)


class _Texts(dict[str, str]):
    """Values by name; texts of times are derived from them, such as ``text_created_at``."""

    def __missing__(self, name: str) -> str:
        if name.startswith("quoted_text_"):
            return quote(self[name.removeprefix("quoted_")], safe="()+:")
        if not name.startswith("text_"):
            raise KeyError(name)
        return date_text(self[name.removeprefix("text_")])


class _Pids(dict[str, str]):
    """Values by name; those of datasets are derived from the name, such as ``pid_own``."""

    def __missing__(self, name: str) -> str:
        # A record does not list the datasets of its run, but their pids follow from the run.
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
        # The meaning that was written by hand: the harness renders no templates itself.
        return fill(value.means, names)
    if isinstance(value, StoredJobMarker):
        return stored
    if isinstance(value, Mapping):
        return _all_filled(value, names, stored)
    if isinstance(value, list | tuple):
        return [_filled(each, names, stored) for each in value]
    return fill(value, names) if isinstance(value, str) else value
