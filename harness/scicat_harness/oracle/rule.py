"""Rules and tables: ordered as the guards run, the first that applies decides.

A rule has an id that never changes, a sentence, and a source. It may hold for a range of
releases and for one reading only: OBSERVED is what a release is known to do, DOCUMENTED what
the published documentation promises where that differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from scicat_harness.model.release import Release, ReleaseRange

__all__ = ["Decided", "Reading", "Rule", "RuleTable", "Step", "View"]

F = TypeVar("F")
V = TypeVar("V")


class Reading(StrEnum):
    """Which promise a run is held against (``--expect``)."""

    OBSERVED = "observed"
    DOCUMENTED = "documented"


@dataclass(frozen=True, slots=True)
class View:
    """The release and reading a table is consulted for."""

    release: Release
    reading: Reading = Reading.OBSERVED


# Without slots: typing sets __orig_class__ on what a parametrized alias makes, and expects an
# AttributeError from a frozen class, which one with slots does not give on Python 3.11.
@dataclass(frozen=True)
class Rule(Generic[F, V]):
    """When ``applies`` holds for the facts, ``verdict`` is the table's answer."""

    id: str
    sentence: str
    source: str
    applies: Callable[[F], bool]
    verdict: V
    releases: ReleaseRange = ReleaseRange()
    reading: Reading | None = None

    def holds_for(self, view: View) -> bool:
        """Whether the rule is part of the table in this view."""
        return view.release in self.releases and self.reading in (None, view.reading)


@dataclass(frozen=True, slots=True)
class Step:
    """One rule looked at on the way to a decision."""

    id: str
    sentence: str
    source: str
    applied: bool


@dataclass(frozen=True, slots=True)
class Decided(Generic[F, V]):
    """The deciding rule and the rules passed over before it."""

    rule: Rule[F, V]
    passed_over: tuple[Rule[F, V], ...]

    def steps(self) -> Iterator[Step]:
        """The path through the table, the deciding rule last."""
        for rule in self.passed_over:
            yield Step(rule.id, rule.sentence, rule.source, applied=False)
        yield Step(self.rule.id, self.rule.sentence, self.rule.source, applied=True)


@dataclass(frozen=True)
class RuleTable(Generic[F, V]):
    """An ordered table whose last rule always applies."""

    name: str
    rules: tuple[Rule[F, V], ...]
    _by_view: dict[View, tuple[Rule[F, V], ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def decide(self, facts: F, view: View) -> Decided[F, V]:
        """The first rule that applies; a table without an applying rule is a programming error."""
        rules = self.rules_for(view)
        for position, rule in enumerate(rules):
            if rule.applies(facts):
                return Decided(rule, rules[:position])
        raise AssertionError(f"table {self.name} has no rule for {facts!r}")

    def rules_for(self, view: View) -> tuple[Rule[F, V], ...]:
        """The rules that hold in a view, in order."""
        if view not in self._by_view:
            self._by_view[view] = tuple(rule for rule in self.rules if rule.holds_for(view))
        return self._by_view[view]
