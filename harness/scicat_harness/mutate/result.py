"""What became of each mutant, as a table, as text and as Stryker's report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scicat_harness.mutate.copy import MutatedCopy
from scicat_harness.mutate.coverage import Coverage
from scicat_harness.mutate.mutant import Mutant, by_file

__all__ = ["Fate", "Result", "Results"]

_SCHEMA = "2"
"""Version of the schema of mutation testing reports (stryker-mutator/mutation-testing-elements)."""


class Fate(StrEnum):
    """What became of a mutant; the values are those of Stryker's reports."""

    KILLED = "Killed"
    """A check failed, and passes without the mutant."""
    STOPPED = "Timeout"
    """The run could not finish, and finishes without the mutant: noticed, though not judged."""
    SURVIVED = "Survived"
    """All checks that run it passed."""
    EQUIVALENT = "Ignored"
    """Not tried: the list of equivalent mutants says why nobody can notice it."""


@dataclass(frozen=True, slots=True)
class Result:
    """The fate of a mutant.

    ``reason`` is the check that failed, why the run stopped, or why the mutant is equivalent.
    """

    mutant: Mutant
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """The results of the mutants that were tried, and the coverage of all."""

    copy: MutatedCopy
    coverage: Coverage
    results: Sequence[Result]

    @property
    def survivors(self) -> list[Result]:
        """The mutants that every check accepted and that no entry explains."""
        return [each for each in self.results if each.fate is Fate.SURVIVED]

    @property
    def noticed(self) -> tuple[int, int]:
        """How many mutants were killed or stopped the run, of how many that are not equivalent."""
        fates = Counter(each.fate for each in self.results)
        total = len(self.results) - fates[Fate.EQUIVALENT]
        return fates[Fate.KILLED] + fates[Fate.STOPPED], total

    def rows(self) -> list[tuple[str, ...]]:
        """Return the table by file, its head first: mutants, covered, tried, noticed and so on."""
        tried: dict[str, Counter[Fate]] = {}
        for each in self.results:
            tried.setdefault(each.mutant.file, Counter())[each.fate] += 1
        rows: list[tuple[str, ...]] = [
            ("file", "mutants", "covered", "tried", "noticed", "survived", "equivalent")
        ]
        for file, mutants in by_file(self.copy.mutants.values()).items():
            fates = tried.get(file, Counter())
            covered = sum(each.id in self.coverage.checks for each in mutants)
            noticed = fates[Fate.KILLED] + fates[Fate.STOPPED]
            numbers = (len(mutants), covered, noticed + fates[Fate.SURVIVED], noticed)
            more = (fates[Fate.SURVIVED], fates[Fate.EQUIVALENT])
            rows.append((file, *(str(number) for number in (*numbers, *more))))
        return rows

    def described(self) -> list[str]:
        """Return the lines that show each survivor: where it is, who runs it, and its diff."""
        return [line for each in self.survivors for line in self._described(each)]

    def headline(self) -> str:
        """Return the result in one line."""
        noticed, total = self.noticed
        share = f" ({100 * noticed / total:.1f} %)" if total else ""
        covered = len(self.coverage.checks)
        return (
            f"{noticed} of {total} mutants noticed{share}, {len(self.survivors)} survived, "
            f"{len(self.results) - total} equivalent; of {len(self.copy.mutants)} mutants the "
            f"checks run {covered}; {len(self.coverage.at_load)} run outside of checks alone"
        )

    def to_stryker(self) -> dict[str, Any]:
        """Return Stryker's report, which its HTML elements and its dashboard show.

        Mutants that were not tried are ``Pending``, those that no check runs ``NoCoverage``.
        """
        fates = {each.mutant.id: each for each in self.results}
        files = {
            file: {
                "language": "typescript",
                "source": self.copy.sources[file],
                "mutants": [self._mutant(each, fates) for each in mutants],
            }
            for file, mutants in by_file(self.copy.mutants.values()).items()
        }
        return {
            "schemaVersion": _SCHEMA,
            "thresholds": {"high": 90, "low": 80},
            "files": files,
        }

    def _mutant(self, mutant: Mutant, fates: Mapping[str, Result]) -> dict[str, Any]:
        found = fates.get(mutant.id)
        covered = mutant.id in self.coverage.checks
        status = str(found.fate) if found else "Pending" if covered else "NoCoverage"
        place = mutant.place
        return {
            "id": mutant.id,
            "mutatorName": mutant.kind,
            "replacement": mutant.replacement,
            # The schema counts lines and columns from 1.
            "location": {
                "start": {"line": place.start_line + 1, "column": place.start_column + 1},
                "end": {"line": place.end_line + 1, "column": place.end_column + 1},
            },
            "status": status,
            "static": mutant.id in self.coverage.at_load,
            **({"statusReason": found.reason} if found and found.reason else {}),
        }

    def _described(self, result: Result) -> list[str]:
        mutant = result.mutant
        checks = self.coverage.checks[mutant.id]
        return [
            "",
            f"survived: {mutant}, run by {len(checks)} checks such as {checks[0]}",
            *mutant.diff(self.copy.sources[mutant.file]),
        ]
