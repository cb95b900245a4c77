"""Attribution of findings: which checks are enough for a finding that no request explains.

The end of a run shows that something changed, but not which request did it. Parts of the run are
repeated until one check is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from scicat_harness.model.outcome import Verdict
from scicat_harness.report.causes import kind_of
from scicat_harness.report.stored.run import RunReport

__all__ = ["Attribution", "attributed", "findings_of", "kinds_of"]

_OF_THE_RUN = "audit::"
_DURING = re.compile(r"during ([^)]*)\)")

Repeat = Callable[[Sequence[str]], Collection[str]]
"""Runs these checks alone, and returns the kinds of the findings at the end."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """A kind of finding with the checks that are enough for it: one, where it can be said.

    ``again`` is False for a finding that no part of the run showed again.
    """

    finding: str
    checks: Sequence[str]
    again: bool = True


def findings_of(run: RunReport) -> list[str]:
    """Return the findings of the end of a run that no request explains, the first of each kind."""
    found: dict[str, str] = {}
    for event in run.events:
        record = event.data["record"] if event.kind == "check" else {}
        if str(record.get("case")).startswith(_OF_THE_RUN) and record["verdict"] == Verdict.FAILED:
            found.setdefault(_kind(record["reason"]), record["reason"])
    return list(found.values())


def kinds_of(run: RunReport) -> set[str]:
    """Return the kinds of these findings: each without what differs from run to run."""
    return {_kind(each) for each in findings_of(run)}


def _kind(finding: str) -> str:
    # Behind it are the checks that were under way, which are fewer in a part of a run.
    return kind_of(finding.partition(" (at ")[0])


def attributed(finding: str, checks: Sequence[str], repeat: Repeat) -> Attribution:
    """Repeat ever smaller parts of the checks as long as one of them shows the finding.

    Checks whose requests were under way at that time, where the finding names them, are tried
    first.
    """
    kind = _kind(finding)
    left, again = list(checks), False
    suspects = _suspects(finding, checks)
    if suspects and kind in repeat(suspects):
        left, again = suspects, True
    while len(left) > 1:
        middle = len(left) // 2
        part = next((half for half in (left[:middle], left[middle:]) if kind in repeat(half)), None)
        if part is None:
            break
        left, again = part, True
    if len(left) == 1 and not again:
        again = kind in repeat(left)
    return Attribution(finding, left, again)


def _suspects(finding: str, checks: Sequence[str]) -> list[str]:
    during = _DURING.search(finding)
    named = during[1].split(", ") if during is not None else []
    return [each for each in checks if any(each.endswith(name) for name in named)]
