"""Facets: the number of jobs for each value of a field.

See specification: list.fullquery.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.filters import V3_NAMES
from scicat_harness.embedded.fullquery import DATE_FIELDS, FACET_FIELDS
from scicat_harness.embedded.javascript import stringify
from scicat_harness.embedded.query import rank
from scicat_harness.embedded.store import Document

__all__ = ["facets"]


def facets(jobs: list[Document], names: object, defect: Defects) -> list[Document]:
    """Return the counts of ``fullfacet`` for the named fields, ``[]`` without jobs.

    Example: ``[{"type": [{"_id": "archive", "count": 2}], "all": [{"totalSets": 2}]}]``. Unknown
    names are ignored, v3 names translated. Dates count by day.
    """
    # Observed; the reply of MongoDB itself may differ (specification: list.fullquery).
    if not jobs:
        return []
    wanted = [V3_NAMES.get(name, name) for name in names] if isinstance(names, list) else []
    counted = {name: _counts(jobs, name, defect) for name in wanted if name in FACET_FIELDS}
    total = len(jobs)
    if defect("fullfacet.total-wrong"):
        total += 1
    return [{**counted, "all": [{"totalSets": total}]}]


def _counts(jobs: Iterable[Document], name: str, defect: Defects) -> list[Document]:
    groups: dict[str, tuple[Any, int]] = {}
    for job in jobs:
        value = _grouped(job.get(name), name)
        # Values may be objects; equal JSON means equal values.
        key = stringify(value)
        _, count = groups.get(key, (value, 0))
        groups[key] = (value, count + 1)
    if defect("fullfacet.counts-wrong"):
        groups = {key: (value, 1) for key, (value, _) in groups.items()}
    found = sorted(groups.values(), key=lambda group: rank(group[0]), reverse=True)
    return [{"_id": value, "count": count} for value, count in found]


def _grouped(value: Any, name: str) -> Any:
    if name in DATE_FIELDS and isinstance(value, datetime):
        day = value.astimezone(UTC)
        return {"year": day.year, "month": day.month, "day": day.day}
    return value
