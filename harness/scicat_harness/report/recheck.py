"""The result of judging a stored run again: verdicts then and now, and cases left out, by reason.

``suite.recheck`` produces it without a backend, with the oracle and the ledger of today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from scicat_harness.errors import ExitCode
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.diff.lines import counted
from scicat_harness.report.diff.text import run_line, short_case
from scicat_harness.report.stored.run import RunReport

__all__ = ["Recheck", "Rechecked"]

_MOST_LINES = 20
_MOST_REASONS = 10
_LONGEST = 90


@dataclass(frozen=True, slots=True)
class Rechecked:
    """A case that was judged again: verdict and ledger entry then and now.

    ``rule`` is the rule that decides now, ``reason`` lists the differences of now.
    """

    case: str
    was: str
    now: str
    rule: str
    was_ledger: str = ""
    ledger: str = ""
    reason: str = ""

    @property
    def changed(self) -> bool:
        """True if verdict or ledger entry are not those of the run."""
        return (self.was, self.was_ledger) != (self.now, self.ledger)

    @property
    def turn(self) -> str:
        """The verdicts in words, with their ledger entries: ``passed -> deviating (an-entry)``."""
        both = ((self.was, self.was_ledger), (self.now, self.ledger))
        was, now = (f"{verdict} ({entry})" if entry else verdict for verdict, entry in both)
        return f"{was} -> {now}" if self.changed else f"{now}, as before"


@dataclass(slots=True)
class Recheck:
    """The verdicts of a stored run by the rules of today.

    ``judged`` are the cases that were judged again; any other case of the run is in ``left_out``.
    """

    run: RunReport
    judged: list[Rechecked] = field(default_factory=list)
    effects: int = 0
    """Number of cases whose effects, other than stored jobs, were compared."""
    left_out: dict[str, list[str]] = field(default_factory=dict)
    """Cases that could not be judged again, by reason; they never count as passed."""
    warnings: list[str] = field(default_factory=list)

    def leave_out(self, reason: str, case: str) -> None:
        """Add a case that cannot be judged again."""
        self.left_out.setdefault(reason, []).append(case)

    @property
    def now(self) -> dict[str, int]:
        """Number of cases by verdict of today."""
        found = Counter(each.now for each in self.judged)
        return {str(each): found[each] for each in _VERDICTS}

    @property
    def failed(self) -> list[Rechecked]:
        """The cases that fail today."""
        return [each for each in self.judged if each.now == Verdict.FAILED]

    @property
    def changed(self) -> list[Rechecked]:
        """The cases with another verdict or ledger entry than in the run."""
        return [each for each in self.judged if each.changed]

    @property
    def exit_code(self) -> ExitCode:
        """0 if nothing fails, 1 if something does, 2 if nothing could be judged."""
        if self.failed:
            return ExitCode.SCICAT_DIFFERS
        return ExitCode.AS_SPECIFIED if self.judged else ExitCode.ENVIRONMENT_FAILED

    @property
    def conclusion(self) -> str:
        """The result in one sentence."""
        if not self.judged:
            return "nothing could be judged again"
        if self.failed:
            rules = counted(len({each.rule for each in self.failed}), "rule")
            return f"fails today: {counted(len(self.failed), 'case')}, by {rules}"
        return "no case that could be judged again fails today"

    def to_json(self) -> dict[str, Any]:
        """Return plain data, with every case that changed or fails.

        Cases that cannot be judged again are counted by reason, with the first as an example.
        """
        # A standard run has some 9,000 cases that pass as before: they are counted only.
        shown = [each for each in self.judged if each.changed or each.now == Verdict.FAILED]
        return {
            "conclusion": self.conclusion,
            "exit_code": int(self.exit_code),
            "run": self.run.to_json(),
            "warnings": self.warnings,
            "records": len(self.run.records),
            "rechecked": len(self.judged),
            "effects": self.effects,
            "was": dict(Counter(each.was for each in self.judged)),
            "now": self.now,
            "unchanged": len(self.judged) - len(self.changed),
            "cases": [asdict(each) for each in shown],
            "not_recheckable": {
                reason: {"cases": len(cases), "first": cases[0]}
                for reason, cases in self._reasons()
            },
        }

    def text(self) -> str:
        """Return a summary for a terminal: some forty lines at most."""
        return "".join(f"{line}\n" for line in self._lines())

    def _reasons(self) -> list[tuple[str, list[str]]]:
        # The largest number first; by name where numbers are equal, so that the order is stable.
        return sorted(self.left_out.items(), key=lambda item: (-len(item[1]), item[0]))

    def _lines(self) -> Iterator[str]:
        count, total = len(self.judged), len(self.run.records)
        yield run_line(self.run)
        now = ", ".join(f"{number} {verdict}" for verdict, number in self.now.items())
        yield f"{count} of {total} cases judged again, the effects of {self.effects}: {now}"
        yield f"{count - len(self.changed)} judged as before, {len(self.changed)} differently"
        yield from (f"warning: {each}" for each in self.warnings)
        yield from _titled("judged differently", _turns(self.changed))
        same = [each for each in self.failed if not each.changed]
        yield from _titled("failed then and now", _turns(same))
        left = [
            f"{len(cases):>5}  {reason}; e.g. {short_case(cases[0])}"
            for reason, cases in self._reasons()
        ]
        yield from _titled(f"not recheckable: {total - count}", _cut(left, _MOST_REASONS))
        yield f"\n{self.conclusion}"


# Only these follow from stored observations: a recheck yields no unknown or not verifiable case.
_VERDICTS = (Verdict.PASSED, Verdict.DEVIATING, Verdict.FAILED)


def _titled(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"\n{title}"
        yield from (f"  {line}" for line in lines)


def _turns(cases: Sequence[Rechecked]) -> list[str]:
    """Return one line per turn and rule: failures first, then the largest number of cases."""
    # One changed rule turns hundreds of cases alike.
    groups: dict[tuple[str, str], list[Rechecked]] = {}
    for each in cases:
        groups.setdefault((each.turn, each.rule), []).append(each)
    ordered = sorted(
        groups.items(),
        key=lambda item: (item[1][0].now != Verdict.FAILED, -len(item[1]), item[0]),
    )
    lines = []
    for (turn, rule), found in ordered:
        first = found[0]
        reason = f": {_short(first.reason)}" if first.reason else ""
        lines.append(f"{len(found):>5}  {turn}  {rule}; e.g. {short_case(first.case)}{reason}")
    # Two such lists and the reasons have to fit into some forty lines.
    return _cut(lines, _MOST_LINES // 2 if len(lines) > _MOST_LINES else _MOST_LINES)


def _cut(lines: Sequence[str], most: int) -> list[str]:
    if len(lines) <= most:
        return list(lines)
    return [*lines[:most], f"and {len(lines) - most} more lines; use --format json for every case"]


def _short(text: str) -> str:
    """Return the text in one line, without control characters that a terminal would execute."""
    shown = text if text.isprintable() else repr(text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."
