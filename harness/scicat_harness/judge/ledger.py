"""Known deviations: where a release is known not to do what the documentation promises.

Strict in both directions: a deviation without an entry fails a run, and so does an entry whose
deviation no longer happens or that no case of a complete run matches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from scicat_harness.errors import UsageFault
from scicat_harness.model.release import Release, ReleaseRange

__all__ = ["Deviation", "Ledger", "Severity"]


class Severity(StrEnum):
    """How bad the deviation is for users."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Deviation:
    """One entry: cases decided by one of ``observed`` where the documentation has ``documented``.

    Without rules it is shown by hand: a scenario names it (``Outcome.must_deviate``).
    ``documented`` are rule ids, or prefixes of them that end in a dot. ``link`` is the upstream
    issue or pull request where there is one.
    """

    id: str
    severity: Severity
    releases: ReleaseRange
    observed: frozenset[str] = frozenset()
    documented: tuple[str, ...] = ()
    promise: str = ""
    behaviour: str = ""
    reproduction: str = ""
    link: str = ""
    about: str = "authorization"
    """What a run must be able to see for it: authorization, effects, starts, connections, or ways.

    Connections: a broker whose connections can be closed as an operator closes them. Ways: from
    backends to the broker through this machine, so that they can be cut.
    """

    @property
    def by_hand(self) -> bool:
        """Whether no rule of the oracle tells of it."""
        return not self.observed

    def covers(self, observed: str, documented: str, release: Release) -> bool:
        """Whether this entry explains that these rules decide, by either reading."""
        return (
            release in self.releases
            and observed in self.observed
            and any(_fits(documented, each) for each in self.documented)
        )


def _fits(rule: str, wanted: str) -> bool:
    return rule.startswith(wanted) if wanted.endswith(".") else rule == wanted


@dataclass(frozen=True, slots=True)
class Ledger:
    """The entries, in the order they are looked up."""

    entries: tuple[Deviation, ...] = ()

    def explaining(self, observed: str, documented: str, release: Release) -> Deviation | None:
        """The first entry that covers what two deciding rules differ in."""
        for entry in self.entries:
            if entry.covers(observed, documented, release):
                return entry
        return None

    def entry(self, name: str) -> Deviation:
        """The entry of that id; a UsageFault when there is none."""
        for entry in self.entries:
            if entry.id == name:
                return entry
        raise UsageFault(f"the ledger of known deviations has no entry {name!r}; add it")

    def of_release(self, release: Release) -> tuple[Deviation, ...]:
        """The entries that claim something about a release."""
        return tuple(each for each in self.entries if release in each.releases)

    def unmatched(
        self, release: Release, matched: Iterable[str], about: Collection[str]
    ) -> tuple[Deviation, ...]:
        """Entries of a release that no case of a complete run matched, of what it looked at."""
        seen = set(matched)
        entries = self.of_release(release)
        return tuple(each for each in entries if each.about in about and each.id not in seen)
