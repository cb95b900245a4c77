"""Changes: one request of a case that was observed differently in the second run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scicat_harness.judge.record import CheckRecord, RequestRecord

__all__ = ["Change", "ChangeKind", "EffectChange", "Manner"]

Effect = Mapping[str, Any]


class ChangeKind(StrEnum):
    """The subject of a change; its order is that of all output."""

    AUTHORIZATION = "authorization"
    STATUS = "statuses"
    EFFECT = "effects"
    START = "starts"
    VERDICT = "verdicts"


class Manner(StrEnum):
    """The way in which an effect changed."""

    CAME = "came"
    WENT = "went"
    OTHER = "differs"
    ORDER = "in another order"


@dataclass(frozen=True, slots=True)
class EffectChange:
    """One effect that came, went, or has other content.

    ``keys`` are the keys that differ, those of nested documents with dots (``json.a``). ``was``
    and ``now`` are the effects as records have them; the missing one is None, and both are for a
    change of order.
    """

    channel: str
    manner: Manner
    keys: tuple[str, ...] = ()
    was: Effect | None = None
    now: Effect | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "channel": self.channel,
            "change": str(self.manner),
            "keys": list(self.keys),
            "was": self.was,
            "now": self.now,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """A request of a case that was observed differently.

    ``request`` is its number within the case, from 1. ``permissive`` is True if the backend became
    more permissive. ``effect`` is set for changes of effects, ``verdicts`` (then and now),
    ``reason`` and ``judged``, the record that failed, for changes of verdicts.
    """

    kind: ChangeKind
    case: str
    request: int
    was: RequestRecord
    now: RequestRecord
    permissive: bool = False
    effect: EffectChange | None = None
    verdicts: tuple[str, str] = ("", "")
    reason: str = ""
    judged: CheckRecord | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data; effects are included only if they are what changed."""
        data: dict[str, Any] = {
            # Identity and job type are the same then and now: others are not compared.
            "case": self.case,
            "request": self.request,
            "identity": self.now.identity,
            "job_type": self.now.job_type,
            "was": _outcome(self.was),
            "now": _outcome(self.now),
        }
        if self.effect is not None:
            data["effect"] = self.effect.to_json()
        if self.kind is ChangeKind.VERDICT:
            data["verdicts"] = list(self.verdicts)
            data["reason"] = self.reason
        return data


def _outcome(request: RequestRecord) -> dict[str, Any]:
    return {
        "observed": request.observed,
        "status": request.status,
        "rule": request.rule,
    }
