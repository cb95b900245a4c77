"""Rules and rule tables: rules are ordered as the guards of the backend, the first match decides.

A rule has an id that never changes, a sentence and a source. It may hold for a range of releases
and for one reading only: OBSERVED is the known behaviour of a release, DOCUMENTED the promise of
the published documentation where it differs.
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
    """The reading of the specification that a run is judged by (``--expect``)."""

    OBSERVED = "observed"
    DOCUMENTED = "documented"


@dataclass(frozen=True, slots=True)
class View:
    """The release and the reading that a prediction is made for."""

    release: Release
    reading: Reading = Reading.OBSERVED


# Without slots: typing sets __orig_class__ on what a parametrized alias makes, and expects an
# AttributeError from a frozen class, which one with slots does not give on Python 3.11.
@dataclass(frozen=True)
class Rule(Generic[F, V]):
    """One rule: if ``applies`` is true for the facts, ``verdict`` is the answer of the table.

    ``sentence`` is a clause without a full stop, shown in reports. ``source`` begins with
    ``specification:``, ``documentation:`` or ``observed v``. A rule without ``reading`` holds for
    both readings.
    """

    id: str
    sentence: str
    source: str
    applies: Callable[[F], bool]
    verdict: V
    releases: ReleaseRange = ReleaseRange()
    reading: Reading | None = None

    def holds_for(self, view: View) -> bool:
        """Return whether the rule is part of its table in this view."""
        return view.release in self.releases and self.reading in (None, view.reading)


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that was tried on the way to a decision; the last one of a table applied."""

    id: str
    sentence: str
    source: str
    applied: bool


@dataclass(frozen=True, slots=True)
class Decided(Generic[F, V]):
    """The decision of a table: the deciding rule, and the rules before it that did not apply."""

    rule: Rule[F, V]
    passed_over: tuple[Rule[F, V], ...]

    def steps(self) -> Iterator[Step]:
        """Yield the rules in the order in which they were tried, the deciding rule last."""
        for rule in self.passed_over:
            yield Step(rule.id, rule.sentence, rule.source, applied=False)
        yield Step(self.rule.id, self.rule.sentence, self.rule.source, applied=True)


@dataclass(frozen=True)
class RuleTable(Generic[F, V]):
    """An ordered table of rules; for all facts that can occur one of them applies.

    The decision depends on the facts and the view alone, so all oracles share the tables.
    """

    name: str
    rules: tuple[Rule[F, V], ...]
    # Rules filtered once per view, because a run asks a table for every case.
    _by_view: dict[View, tuple[Rule[F, V], ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def decide(self, facts: F, view: View) -> Decided[F, V]:
        """Return the first rule that applies to the facts, with the rules before it.

        Raises AssertionError if none applies, which is an error in the table.
        """
        rules = self.rules_for(view)
        for position, rule in enumerate(rules):
            if rule.applies(facts):
                return Decided(rule, rules[:position])
        raise AssertionError(f"table {self.name} has no rule for {facts!r}")

    def rules_for(self, view: View) -> tuple[Rule[F, V], ...]:
        """Return the rules that hold in a view, in order."""
        if view not in self._by_view:
            self._by_view[view] = tuple(rule for rule in self.rules if rule.holds_for(view))
        return self._by_view[view]
