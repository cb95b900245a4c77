"""The heat map: identity x job type, how much was allowed, and where something is the matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.report.page.collected import CheckReport
from scicat_harness.report.page.link import cases_link
from scicat_harness.report.table import heading

__all__ = ["HeatCell", "HeatMap", "heat_map"]

_LETTERS = ((Decision.ALLOW, "A"), (Decision.DENY, "D"), (Decision.INVALID, "I"))
_SIGNS = ((Verdict.FAILED, "!"), (Verdict.UNKNOWN, "?"), (Verdict.DEVIATING, "~"))
_STEPS = 4


@dataclass(frozen=True, slots=True)
class HeatCell:
    """What was observed for one identity and job type, over all dataset lists and owners tried."""

    operation: str
    identity: str
    job_type: str
    observed: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)

    @property
    def text(self) -> str:
        """Letters for what was observed, signs for what is the matter."""
        letters = "".join(letter for decision, letter in _LETTERS if self.observed[decision])
        return letters + "".join(sign for verdict, sign in _SIGNS if self.verdicts[verdict])

    @property
    def heat(self) -> int:
        """0 where nothing was allowed, 4 where everything was, else in between."""
        total = self.observed.total()
        allowed = self.observed[Decision.ALLOW]
        if not allowed or allowed == total:
            return _STEPS if allowed else 0
        return max(1, min(_STEPS - 1, round(_STEPS * allowed / total)))

    @property
    def failed(self) -> bool:
        """Whether a check failed or came to no verdict."""
        return bool(self.verdicts[Verdict.FAILED] or self.verdicts[Verdict.UNKNOWN])

    @property
    def sentence(self) -> str:
        """The same in words."""
        told = [f"{count} {name}" for name, count in sorted(self.observed.items()) if name]
        ends = [
            f"{self.verdicts[verdict]} {verdict}" for verdict, _ in _SIGNS if self.verdicts[verdict]
        ]
        who = f"{self.operation} {self.job_type} as {self.identity}"
        return f"{who}: {', '.join([*told, *ends]) or 'nothing observed'}"

    @property
    def link(self) -> str:
        """Leads to the cases of the cell."""
        names = {"operation": self.operation, "identity": self.identity, "type": self.job_type}
        return cases_link(names)


@dataclass(frozen=True, slots=True)
class HeatMap:
    """One table; None stands for what was not tried."""

    operation: str
    columns: tuple[tuple[str, str], ...]
    """Name and short name of each job type."""
    rows: tuple[tuple[str, tuple[HeatCell | None, ...]], ...]


def heat_map(
    checks: Iterable[CheckReport],
    operation: str,
    identities: Sequence[str],
    job_types: Sequence[str],
) -> HeatMap:
    """The map of an operation, of the identities and job types that were tried, in that order."""
    cells = _cells(checks, operation, frozenset(job_types))
    columns = [name for name in job_types if any(key[1] == name for key in cells)]
    return HeatMap(
        operation,
        tuple((name, heading(name)) for name in columns),
        tuple(
            (identity, tuple(cells.get((identity, name)) for name in columns))
            for identity in identities
            if any(key[0] == identity for key in cells)
        ),
    )


def _cells(
    checks: Iterable[CheckReport], operation: str, job_types: frozenset[str]
) -> Mapping[tuple[str, str], HeatCell]:
    cells: dict[tuple[str, str], HeatCell] = {}
    for told in checks:
        record = told.record
        if record.operation != operation or record.job_type not in job_types:
            continue
        if record.verdict == Verdict.NOT_VERIFIABLE:
            continue
        key = (record.identity, record.job_type)
        cell = cells.setdefault(key, HeatCell(operation, *key))
        if record.observed:
            cell.observed[record.observed] += 1
        cell.verdicts[record.verdict] += 1
    return cells
