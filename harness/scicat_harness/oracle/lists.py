"""Lists of jobs: their rows, computed from the jobs that the caller may see.

Sources: specification: list.limits, list.include, datasets; observed on v4.20.2 to v5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scicat_harness.model.identity import Identity
from scicat_harness.model.site import Site
from scicat_harness.oracle.facts import caller
from scicat_harness.oracle.rule import View

__all__ = ["ListQuery", "readable_pids"]

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list is asked for besides its condition; None stands for a part that is not given.

    ``sort`` is a key of jobParams, ``descending`` its direction; ``fields`` are top-level fields.
    """

    limit: int | None = None
    skip: int | None = None
    sort: str | None = None
    descending: bool = False
    fields: tuple[str, ...] | None = None

    def rows_of(self, visible: Sequence[Document], *, limit_first: bool) -> list[dict[str, Any]]:
        """Return the rows for these visible jobs, which are in the order of their creation.

        ``limit_first`` says that the limit is applied before the skip, as observed since v4.27.0.
        """
        found = list(visible)
        if self.sort is not None:
            key = self.sort
            found.sort(key=lambda job: str(job["jobParams"].get(key)), reverse=self.descending)
        limit = len(found) if self.limit is None else self.limit
        skip = self.skip or 0
        found = found[:limit][skip:] if limit_first else found[skip:][:limit]
        if self.fields is None:
            return [dict(each) for each in found]
        return [{key: job[key] for key in self.fields if key in job} for job in found]


def readable_pids(
    site: Site, identity: Identity, view: View, pids: Mapping[str, str], listed: Iterable[str]
) -> list[str]:
    """Return those of the listed datasets that an identity may read, in ascending order.

    ``pids`` maps aliases to pids, ``listed`` are pids. Published datasets are readable for
    everybody, others for admins and for members of their owner group and access groups.
    """
    who = caller(site, identity, view)
    wanted = set(listed)
    found = []
    for alias, pid in pids.items():
        dataset = site.datasets.get(alias)
        if pid not in wanted or dataset is None or not dataset.exists:
            continue
        groups = {dataset.owner_group, *dataset.access_groups}
        if dataset.published or who.admin or groups.intersection(who.groups):
            found.append(pid)
    return sorted(found)
