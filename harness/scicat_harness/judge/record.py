"""Records: one finished check as plain data, for reports and for other processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["CheckRecord"]


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """What was checked and what came of it; all values are JSON types.

    ``effects`` are the channels of the effects that were expected, where they are ``watched``.
    ``expected`` and ``observed`` are outcome classes (allow, deny, invalid); ``rules`` the ids of
    the oracle's rules on the way; ``ledger`` the known deviation that covers it, or "". ``seen`` is
    what was observed of each request, in order (judge.sighting); empty in older records.
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
