"""Facts that reports need beyond the events of a run: the order of tables, and the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scicat_harness.judge.ledger import Deviation, Ledger, Severity
from scicat_harness.report.causes import Cause

__all__ = ["ProjectFacts", "SeenDeviation", "deviations_in_short", "seen_deviations"]


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """Facts of the project.

    ``identities`` and ``tables``, which maps operations to job types, give the order of the heat
    maps for runs of older versions, which do not name theirs.
    """

    identities: Sequence[str]
    tables: Mapping[str, Sequence[str]]
    ledger: Ledger
    people: Mapping[str, str] = field(default_factory=dict)
    """Who an identity is, such as ``create-privileged``, by its name."""

    def who(self, named: Iterable[Cause]) -> Iterator[str]:
        """Yield who the identities in the lines of some causes are, each once."""
        names = (name for each in named for name in each.named)
        for name in dict.fromkeys(names):
            if name in self.people:
                yield f"{name}: {self.people[name]}"


@dataclass(frozen=True, slots=True)
class SeenDeviation:
    """A known deviation of a run with the number of checks that showed it.

    ``entry`` is None if the ledger of this version does not have it, as for older runs.
    """

    id: str
    cases: int
    entry: Deviation | None

    @property
    def link(self) -> str:
        """The upstream issue or pull request, or ""."""
        link = self.entry.link if self.entry is not None else ""
        # Only https: no link of the page may run a script.
        return link if link.startswith("https://") else ""


def seen_deviations(ledger: Ledger, seen: Mapping[str, int]) -> list[SeenDeviation]:
    """Return the known deviations of a run: the most severe first, then the most frequent.

    ``seen`` maps ids to numbers of checks.
    """
    entries = {each.id: each for each in ledger.entries}
    found = [SeenDeviation(name, cases, entries.get(name)) for name, cases in seen.items()]
    return sorted(found, key=lambda each: (_rank(each.entry), -each.cases, each.id))


def deviations_in_short(found: Sequence[SeenDeviation]) -> str:
    """Return their number, such as ``70 known deviations, 11 of high severity``.

    A run that passes may show some of high severity, so reports say it beside the verdict.
    """
    high = sum(each.entry is not None and each.entry.severity is Severity.HIGH for each in found)
    text = f"{len(found)} known deviation{'s' if len(found) != 1 else ''}"
    return f"{text}, {high} of high severity" if high else text


def _rank(entry: Deviation | None) -> int:
    # Entries that are gone from the ledger have no severity and come last.
    order = ("high", "medium", "low")
    return order.index(entry.severity) if entry is not None else len(order)
