"""What a page must know beyond the events of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scicat_harness.judge.ledger import Deviation, Ledger

__all__ = ["ProjectFacts", "SeenDeviation", "seen_deviations"]


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """The order of identities and, by operation, of job types; and the ledger."""

    identities: Sequence[str]
    tables: Mapping[str, Sequence[str]]
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class SeenDeviation:
    """A known deviation with the number of checks that showed it; ``entry`` is None if it is gone
    from the ledger since."""

    id: str
    cases: int
    entry: Deviation | None

    @property
    def link(self) -> str:
        """Where it is told upstream, or ""."""
        link = self.entry.link if self.entry is not None else ""
        return link if link.startswith("https://") else ""


def seen_deviations(ledger: Ledger, seen: Mapping[str, int]) -> list[SeenDeviation]:
    """Those that a run saw, the most severe first, then the most frequent."""
    entries = {each.id: each for each in ledger.entries}
    found = [SeenDeviation(name, cases, entries.get(name)) for name, cases in seen.items()]
    return sorted(found, key=lambda each: (_rank(each.entry), -each.cases, each.id))


def _rank(entry: Deviation | None) -> int:
    order = ("high", "medium", "low")
    return order.index(entry.severity) if entry is not None else len(order)
