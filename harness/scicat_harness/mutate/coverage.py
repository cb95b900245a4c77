"""Which check runs which mutant, and the choices that follow from it."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scicat_harness.mutate.mutant import Mutant

__all__ = ["Coverage"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The checks that run each mutant, and the mutants that run outside of checks alone.

    A mutant that a request of a check runs is covered, even if it runs elsewhere as well.
    """

    checks: Mapping[str, Sequence[str]]
    """Ids of checks, in the order of the run, by id of the mutant."""
    at_load: frozenset[str]
    """Ids of mutants that run while modules load, at a login, or while datasets are created."""

    @classmethod
    def of(cls, reports: Iterable[Mapping[str, Any]], order: Sequence[str]) -> Coverage:
        """Return the coverage that backends reported (``control.cjs``).

        ``order`` are the checks of the run. Requests of none of them, such as those that log in or
        create datasets, are outside of checks.
        """
        found: dict[str, set[str]] = defaultdict(set)
        at_load: set[str] = set()
        places = {case: place for place, case in enumerate(order)}
        for report in reports:
            at_load.update(report["static"])
            for test, mutants in report["tests"].items():
                for mutant in mutants:
                    if test in places:
                        found[mutant].add(test)
                    else:
                        at_load.add(mutant)
        checks = {mutant: sorted(tests, key=places.__getitem__) for mutant, tests in found.items()}
        return cls(checks, frozenset(at_load - checks.keys()))

    def sample(self, mutants: Iterable[Mutant], number: int | None, seed: str) -> list[Mutant]:
        """Return ``number`` of the covered mutants, or all, the same ones for the same seed."""
        covered = sorted((each for each in mutants if each.id in self.checks), key=_number)
        if number is None or number >= len(covered):
            return covered
        return sorted(random.Random(seed).sample(covered, number), key=_number)

    def first(self, mutant: Mutant, most: int) -> list[str]:
        """Return up to ``most`` checks that run a mutant, from as many modules as there are.

        Within a module they are spread over its checks, for neighbours ask much the same.
        """
        by_module: dict[str, list[str]] = defaultdict(list)
        for check in self.checks[mutant.id]:
            by_module[check.partition("::")[0]].append(check)
        share = max(1, most // len(by_module))
        chosen = [check for checks in by_module.values() for check in _spread(checks, share)]
        return _spread(chosen, most)

    def rest(self, mutant: Mutant, first: Sequence[str]) -> list[str]:
        """Return the checks that run a mutant and are not among the first."""
        done = set(first)
        return [each for each in self.checks[mutant.id] if each not in done]


def _spread(values: Sequence[str], number: int) -> list[str]:
    """Return ``number`` of the values at equal distances, or all where there are fewer."""
    if len(values) <= number:
        return list(values)
    step = len(values) / number
    return [values[int(index * step)] for index in range(number)]


def _number(mutant: Mutant) -> int:
    return int(mutant.id)
