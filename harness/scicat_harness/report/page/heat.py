"""The heat map: by identity and column, the share of allowed requests and the differences.

Columns are job types for create and update, and whose job it is for read, list and delete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.report.page.collected import CheckReport
from scicat_harness.report.page.link import cases_link
from scicat_harness.report.table import heading

__all__ = ["OF_JOBS", "HeatCell", "HeatMap", "heat_map"]

# The legend of these letters and signs is in page.html.
_LETTERS = ((Decision.ALLOW, "A"), (Decision.DENY, "D"), (Decision.INVALID, "I"))
_SIGNS = (
    *((Verdict.FAILED, "!"), (Verdict.UNKNOWN, "?")),
    *((Verdict.DEVIATING, "~"), (Verdict.ACCEPTED, "≈")),
)
OF_JOBS = ("read", "list", "delete")
"""The operations on a stored job, whose columns say whose job it is."""
_STEPS = 4
"""The style sheet has colours h0 to h4."""


@dataclass(frozen=True, slots=True)
class HeatCell:
    """The observations for one identity and column.

    ``observed`` counts outcome classes (allow, deny, invalid), ``verdicts`` counts verdicts.
    """

    operation: str
    identity: str
    column: str
    observed: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)

    @property
    def text(self) -> str:
        """Letters for the outcomes that occurred, then signs for verdicts other than passed.

        Example: ``AD!`` for allowed and denied requests of which one failed.
        """
        letters = "".join(letter for decision, letter in _LETTERS if self.observed[decision])
        return letters + "".join(sign for verdict, sign in _SIGNS if self.verdicts[verdict])

    @property
    def heat(self) -> int:
        """0 if nothing was allowed, 4 if everything was, otherwise 1 to 3 by the share."""
        total = self.observed.total()
        allowed = self.observed[Decision.ALLOW]
        if not allowed or allowed == total:
            return _STEPS if allowed else 0
        # The extremes are kept for none and all, whatever the share rounds to.
        return max(1, min(_STEPS - 1, round(_STEPS * allowed / total)))

    @property
    def failed(self) -> bool:
        """True if a check failed or is unknown."""
        return bool(self.verdicts[Verdict.FAILED] or self.verdicts[Verdict.UNKNOWN])

    @property
    def sentence(self) -> str:
        """The content of the cell in words, for tooltips and screen readers."""
        outcomes = [f"{count} {name}" for name, count in sorted(self.observed.items()) if name]
        ends = [
            f"{self.verdicts[verdict]} {verdict}" for verdict, _ in _SIGNS if self.verdicts[verdict]
        ]
        who = f"{self.operation} {self.column} as {self.identity}"
        return f"{who}: {', '.join([*outcomes, *ends]) or 'nothing observed'}"

    @property
    def link(self) -> str:
        """A link to the cases of this cell within the page."""
        names = {"operation": self.operation, "identity": self.identity}
        # The ids of these cases contain the name of the job.
        of_a_job = self.operation in OF_JOBS
        return cases_link({**names, "text" if of_a_job else "type": self.column})


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The heat map of an operation.

    ``rows`` are identities with a cell per column; None stands for a pair that was not tried.
    """

    operation: str
    columns: tuple[tuple[str, str], ...]
    """Name and short name of each column."""
    rows: tuple[tuple[str, tuple[HeatCell | None, ...]], ...]

    @property
    def of(self) -> str:
        """The kind of its columns."""
        return "whose job" if self.operation in OF_JOBS else "job type"


def heat_map(
    checks: Iterable[CheckReport],
    operation: str,
    identities: Sequence[str],
    names: Sequence[str],
) -> HeatMap:
    """Return the heat map of an operation.

    It has the identities and columns that were tried, in the order given.
    """
    cells = _cells(checks, operation, frozenset(names))
    columns = [name for name in names if any(key[1] == name for key in cells)]
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
    checks: Iterable[CheckReport], operation: str, columns: frozenset[str]
) -> Mapping[tuple[str, str], HeatCell]:
    cells: dict[tuple[str, str], HeatCell] = {}
    for check in checks:
        record = check.record
        column = record.job if operation in OF_JOBS else record.job_type
        if record.operation != operation or column not in columns:
            continue
        # Nothing was tried: the cell stays empty unless other checks fill it.
        if record.verdict == Verdict.NOT_VERIFIABLE:
            continue
        key = (record.identity, column)
        cell = cells.setdefault(key, HeatCell(operation, *key))
        if record.observed:
            cell.observed[record.observed] += 1
        cell.verdicts[record.verdict] += 1
    return cells
