"""Changes: one thing that was observed otherwise in the second run, for one case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scicat_harness.judge.record import RequestRecord

__all__ = ["Change", "ChangeKind", "EffectChange", "Manner"]

Effect = Mapping[str, Any]


class ChangeKind(StrEnum):
    """What a change is about, in the order in which it is told."""

    AUTHORIZATION = "authorization"
    STATUS = "statuses"
    EFFECT = "effects"
    START = "starts"
    VERDICT = "verdicts"


class Manner(StrEnum):
    """How an effect changed."""

    CAME = "came"
    WENT = "went"
    OTHER = "differs"
    ORDER = "in another order"


@dataclass(frozen=True, slots=True)
class EffectChange:
    """One effect that came, went, or looks otherwise; ``keys`` are those that differ."""

    channel: str
    manner: Manner
    keys: tuple[str, ...] = ()
    was: Effect | None = None
    now: Effect | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "channel": self.channel,
            "change": str(self.manner),
            "keys": list(self.keys),
            "was": self.was,
            "now": self.now,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """A request of a case that was observed otherwise; ``request`` counts those of the case from 1.

    ``effect`` is set for those about effects, ``reason`` for those about verdicts.
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

    def to_json(self) -> dict[str, Any]:
        """Plain data; effects in full only where they are what changed."""
        data: dict[str, Any] = {
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
