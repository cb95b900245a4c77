"""The ledger of known deviations: where a release does not do what the documentation promises.

It is strict in both directions: a deviation without an entry fails a run, and so does an entry
whose deviation no longer happens or that no case of a complete run matches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from scicat_harness.errors import UsageFault
from scicat_harness.model.release import Release, ReleaseRange

__all__ = ["Deviation", "Ledger", "Severity"]


class Severity(StrEnum):
    """The severity of a deviation for users."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Deviation:
    """A known deviation of some releases from the documentation.

    It covers cases that one of the rules ``observed`` decides where the documentation has one of
    ``documented``: rule ids, or prefixes of them that end in a dot. Without rules a scenario shows
    it by hand and names it (``Outcome.must_deviate``). ``promise``, ``behaviour`` and
    ``reproduction`` are sentences for reports. ``link`` is the upstream issue or pull request
    where there is one.
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
    """The ability that a run needs to see it: authorization, effects, starts, connections, ways.

    Connections: those of the broker can be closed as an operator closes them. Ways: the backend
    reaches the broker through this machine, so that the way can be cut.
    """

    @property
    def by_hand(self) -> bool:
        """True if no rule of the oracle describes it, so that a scenario must show it."""
        return not self.observed

    def covers(self, observed: str, documented: str, release: Release) -> bool:
        """Return whether the entry explains this pair of deciding rules in a release.

        ``observed`` decides by the observed reading, ``documented`` by the documented one.
        """
        return (
            release in self.releases
            and observed in self.observed
            and any(_promises(each, documented) for each in self.documented)
        )


def _promises(promised: str, deciding: str) -> bool:
    """Return whether a promise is the one by which a rule decides.

    A permission stands for whatever the actions of the request do then, an error included.
    """
    permits = promised.partition(".")[0] in ("create", "update")
    return _fits(deciding, promised) or (permits and deciding.startswith("actions."))


def _fits(rule: str, wanted: str) -> bool:
    return rule.startswith(wanted) if wanted.endswith(".") else rule == wanted


@dataclass(frozen=True, slots=True)
class Ledger:
    """The entries, in the order of lookup."""

    entries: tuple[Deviation, ...] = ()

    def explaining(self, observed: str, documented: str, release: Release) -> Deviation | None:
        """Return the first entry that covers these two deciding rules; None without one."""
        for entry in self.entries:
            if entry.covers(observed, documented, release):
                return entry
        return None

    def entry(self, name: str) -> Deviation:
        """Return the entry with that id; raises UsageFault without one."""
        for entry in self.entries:
            if entry.id == name:
                return entry
        raise UsageFault(f"the ledger of known deviations has no entry {name!r}; add it")

    def without(self, names: Collection[str]) -> Ledger:
        """Return the ledger in which these entries apply to no release.

        What they explain is then judged as a new deviation. Raises UsageFault for an unknown id.
        """
        for name in names:
            self.entry(name)
        nothing = ReleaseRange(Release(0, 0, 0), Release(0, 0, 0))
        return Ledger(
            tuple(
                replace(each, releases=nothing) if each.id in names else each
                for each in self.entries
            )
        )

    def of_release(self, release: Release) -> tuple[Deviation, ...]:
        """Return the entries that a release must show."""
        return tuple(each for each in self.entries if release in each.releases)

    def unmatched(
        self, release: Release, matched: Iterable[str], about: Collection[str]
    ) -> tuple[Deviation, ...]:
        """Return the entries of a release that no case of a complete run matched.

        ``matched`` are ids of entries, ``about`` the abilities of the run (``Deviation.about``):
        entries that it cannot see are left out.
        """
        # A run that cannot see a deviation proves nothing about it.
        seen = set(matched)
        entries = self.of_release(release)
        return tuple(each for each in entries if each.about in about and each.id not in seen)
