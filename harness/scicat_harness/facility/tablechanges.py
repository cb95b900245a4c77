"""What a second configuration, or release, changes in the tables of a first one.

A line is for all callers of whom it is true, and what became more permissive comes first::

    ! create archive: published -> yes, as anonymous, harness-stranger
    update archive: yes -> of the owner, as harness-owner
    + job type public: created by everybody; updated by admin
    - job type retrieve
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scicat_harness.facility.table import Table, TableCell
from scicat_harness.model.request import Operation

__all__ = ["PERMISSIVE", "changes"]

PERMISSIVE = "! "
"""The mark of a line about something that became more permissive."""
_MOST_NAMES = 6


def changes(before: Sequence[Table], after: Sequence[Table]) -> list[str]:
    """Return a line for each change; none where both permit the same."""
    changed = [each for pair in zip(before, after, strict=True) for each in _cells(*pair)]
    return [
        *sorted(changed, key=lambda line: not line.startswith(PERMISSIVE)),
        *(f"+ job type {_described(name, after)}" for name in _added(before, after)),
        *(f"- job type {name}" for name in _added(after, before)),
        *(f"+ caller {name}" for name in _new_callers(before, after)),
        *(f"- caller {name}" for name in _new_callers(after, before)),
    ]


def _cells(old: Table, new: Table) -> Iterator[str]:
    """Yield the changes of the cells that are in both tables."""
    callers: dict[tuple[str, str], list[str]] = {}
    for (caller, job_type), was in old.cells.items():
        now = new.cells.get((caller, job_type))
        if now is not None and was.permitted != now.permitted:
            callers.setdefault((job_type, _change(was, now)), []).append(caller)
    for (job_type, change), names in callers.items():
        mark = PERMISSIVE if change.startswith(PERMISSIVE) else ""
        words = change.removeprefix(PERMISSIVE)
        yield f"{mark}{new.operation} {job_type}: {words}, as {_listed(names)}"


def _change(was: TableCell, now: TableCell) -> str:
    # More permissive in one situation is enough for a mark, even if less in another.
    mark = PERMISSIVE if set(now.permitted) - set(was.permitted) else ""
    return f"{mark}{was.words} -> {now.words}"


def _added(before: Sequence[Table], after: Sequence[Table]) -> list[str]:
    return [name for name in after[0].job_types if name not in before[0].job_types]


def _new_callers(before: Sequence[Table], after: Sequence[Table]) -> list[str]:
    known = {each.name for each in before[0].callers}
    return [each.name for each in after[0].callers if each.name not in known]


def _described(job_type: str, found: Sequence[Table]) -> str:
    """Return a new job type with those who may create and update its jobs in some situation."""
    words = {Operation.CREATE: "created", Operation.UPDATE: "updated"}
    said = [
        f"{words[each.operation]} by {_permitted(job_type, each)}"
        for each in found
        if each.operation in words
    ]
    return f"{job_type}: {'; '.join(said)}"


def _permitted(job_type: str, table: Table) -> str:
    names = [each.name for each in table.callers if table.cells[each.name, job_type].permitted]
    if len(names) == len(table.callers):
        return "everybody"
    return _listed(names) or "nobody"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
