"""The difference between two runs: lines, ledger entries, one-sided cases, and a conclusion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scicat_harness.errors import ExitCode
from scicat_harness.report.causes import Cause
from scicat_harness.report.diff.causes import NAMES, change_causes, line_of
from scicat_harness.report.diff.change import ChangeKind
from scicat_harness.report.diff.compare import Comparison, compare
from scicat_harness.report.diff.extent import Entry, OnlyIn, ledger_changes, only_in
from scicat_harness.report.diff.lines import Line, collapse, counted
from scicat_harness.report.stored.run import RunReport

__all__ = ["RunDifference", "difference"]


@dataclass(frozen=True, slots=True)
class RunDifference:
    """The difference of run ``b`` to run ``a``.

    ``lines`` are the changes. ``only_a`` and ``only_b`` are cases and rules of one run; these are
    never changes.
    """

    a: RunReport
    b: RunReport
    comparison: Comparison
    lines: tuple[Line, ...]
    came: tuple[Entry, ...]
    """Known deviations that only b shows."""
    went: tuple[Entry, ...]
    """Known deviations that only a shows."""
    only_a: OnlyIn
    only_b: OnlyIn

    def of(self, kind: ChangeKind) -> list[Line]:
        """Return the lines of a kind."""
        return [line for line in self.lines if line.kind is kind]

    @property
    def causes(self) -> list[Cause]:
        """The changes in as few groups as those of the failures of a run, worst first."""
        return change_causes(self.lines)

    @property
    def unchanged(self) -> list[str]:
        """The operations and the channels of effects that were compared, and have no line."""
        changes = [each for line in self.lines for each in line.changes]
        changed = {each.now.operation for each in changes if each.effect is None}
        changed |= {each.effect.channel for each in changes if each.effect is not None}
        compared = (*sorted(self.comparison.operations), *sorted(self.comparison.channels))
        return [each for each in compared if each not in changed]

    @property
    def permissive(self) -> list[Line]:
        """The lines that became more permissive."""
        return [line for line in self.lines if line.permissive]

    @property
    def changed(self) -> bool:
        """True if there is a line, or a known deviation came or went in cases of both runs."""
        entries = (*self.came, *self.went)
        return bool(self.lines) or any(entry.common for entry in entries)

    @property
    def conclusive(self) -> bool:
        """True if both runs have a verdict other than unknown, and have cases in common."""
        return self.comparison.cases > 0 and "unknown" not in (self.a.verdict, self.b.verdict)

    @property
    def exit_code(self) -> ExitCode:
        """1 if something became more permissive, otherwise 0, or 2 if not conclusive."""
        # One request that is allowed now is a proof, also in a run that proves nothing else.
        if self.permissive:
            return ExitCode.SCICAT_DIFFERS
        return ExitCode.AS_SPECIFIED if self.conclusive else ExitCode.ENVIRONMENT_FAILED

    @property
    def conclusion(self) -> str:
        """The result in one sentence."""
        cases = len({each.case for line in self.permissive for each in line.changes})
        if cases:
            lines = counted(len(self.permissive), "line")
            return f"more permissive: {counted(cases, 'case')} in {lines}"
        proven = "" if self.conclusive else "; this proves nothing, see the warnings"
        if not self.changed:
            return f"no change{proven}"
        return f"nothing became more permissive{proven}"

    def warnings(self) -> Iterator[str]:
        """Yield the warnings that limit the meaning of the comparison, as sentences.

        They concern runs that are incomplete or unknown, options that differ, and data that only
        one run has.
        """
        # By content, not by path: a copied folder is the same run.
        if self.a.digest == self.b.digest:
            yield "A and B have the same events: one run was compared with itself"
        for name, run in (("A", self.a), ("B", self.b)):
            yield from _run_warnings(name, run)
        # These are the names of options of the command line, too.
        for what in ("profile", "expect"):
            given = [getattr(run.summary, what) for run in (self.a, self.b)]
            if given[0] != given[1]:
                yield f"--{what} differs: {given[0]} in A, {given[1]} in B"
        if not self.comparison.cases:
            yield "no case was judged in both runs: there is nothing to compare"
        yield from self._gaps()

    def _gaps(self) -> Iterator[str]:
        found = self.comparison
        old = [name for name, run in (("A", self.a), ("B", self.b)) if not run.whole]
        # Without common cases there is a warning already, and this one would add nothing.
        if old and found.cases:
            yield (
                "effects cannot be compared, nor single requests of a check: they were not "
                f"recorded yet in {' and '.join(old)}"
            )
        for name, count in sorted(found.undecided.items()):
            if count:
                yield f"{counted(count, 'case')} of {name.upper()} without a verdict: not compared"
        if found.effects_of_one:
            requests = counted(found.effects_of_one, "request")
            yield (
                f"effects of {requests} cannot be compared: one run could not see them, or its "
                "check failed before"
            )
        if found.unpaired:
            requests = counted(found.unpaired, "request")
            yield f"{requests} of cases in both runs were made in one only: not compared"

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data; docs/reports.md describes it."""
        return {
            "conclusion": self.conclusion,
            "exit_code": int(self.exit_code),
            "more_permissive": bool(self.permissive),
            "changed": self.changed,
            "conclusive": self.conclusive,
            "a": self.a.to_json(),
            "b": self.b.to_json(),
            "warnings": list(self.warnings()),
            "compared": {
                "cases": self.comparison.cases,
                "requests": self.comparison.requests,
                "effects": self.comparison.effects,
            },
            "causes": [
                {**each.to_json(), "kind": NAMES[each.kind], "line": line_of(each)}
                for each in self.causes
            ],
            **{str(kind): [line.to_json() for line in self.of(kind)] for kind in ChangeKind},
            "unchanged": self.unchanged,
            "ledger": {
                "came": [each.to_json() for each in self.came],
                "went": [each.to_json() for each in self.went],
            },
            "only_in_a": self.only_a.to_json(),
            "only_in_b": self.only_b.to_json(),
        }


def difference(a: RunReport, b: RunReport) -> RunDifference:
    """Return the difference from run ``a`` to run ``b``.

    Example::

        found = difference(read_run(Path("reports/v5.0.1")), read_run(Path("reports/v5.2.1")))
        print(found.conclusion)
    """
    comparison = compare(a, b)
    return RunDifference(
        a=a,
        b=b,
        comparison=comparison,
        lines=tuple(collapse(comparison.changes)),
        came=ledger_changes(b, a),
        went=ledger_changes(a, b),
        only_a=only_in(a, b),
        only_b=only_in(b, a),
    )


def _run_warnings(name: str, run: RunReport) -> Iterator[str]:
    if not run.finished or run.summary.interrupted:
        how = "interrupted" if run.finished else "killed"
        checks = counted(run.summary.checks, "check")
        yield f"{name} was {how}: {run.folder} has {checks}"
    if run.summary.unobserved:
        yield f"{name}: {run.summary.unobserved}"
    if run.verdict == "unknown":
        yield f"the verdict of {name} is unknown: it proves nothing"
