"""From visible jobs to the rows of a list: where, order, limit, skip and projection.

See specification: list.limits. In v4 lists the limit is applied before skip, and the sort knows
only ``asc``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import rejection
from scicat_harness.embedded.query import matches, rank, values_at
from scicat_harness.embedded.store import DEFAULT_LIMIT, Document

__all__ = ["Listing", "projected"]

# The order in which jobs arrive here anyway.
_AS_CREATED = (("createdAt", True),)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list request selects, orders and cuts."""

    where: Mapping[str, Any] = field(default_factory=dict)
    sort: tuple[tuple[str, bool], ...] = _AS_CREATED
    limit: int = DEFAULT_LIMIT
    skip: int = 0

    @classmethod
    def from_filter(cls, value: Mapping[str, Any]) -> "Listing":
        """The listing of a v4 filter; raises 400 for limits that the database refuses."""
        where = value.get("where") or {}
        limits = value.get("limits") or {}
        if not isinstance(where, Mapping) or not isinstance(limits, Mapping):
            raise rejection("where and limits have to be objects")
        sort = limits.get("sort") or {}
        if not isinstance(sort, Mapping):
            raise rejection("Invalid sort value")
        return cls(
            where,
            tuple((key, order == "asc") for key, order in sort.items()) or _AS_CREATED,
            _count(limits, "limit", DEFAULT_LIMIT),
            _count(limits, "skip", 0),
        )

    def rows(self, jobs: Iterable[Document], defect: Defects) -> list[Document]:
        """The selected jobs; the limit counts before the skip."""
        found = self.selected(jobs, defect)
        if defect("list.limit-ignored"):
            return found[self.skip :]
        if defect("list.skip-before-limit"):
            found = found[self.skip :]
            return found[: self.limit] if self.limit else found
        limited = found[: self.limit] if self.limit else found
        return limited[self.skip :]

    def pages(self, jobs: Iterable[Document], defect: Defects) -> list[Document]:
        """The selected jobs; the skip counts before the limit, as in the v3 full query."""
        found = self.selected(jobs, defect)[self.skip :]
        return found[: self.limit] if self.limit else found

    def selected(self, jobs: Iterable[Document], defect: Defects) -> list[Document]:
        """The jobs that match, in order."""
        found = [job for job in jobs if defect("list.where-ignored") or matches(job, self.where)]
        if self.sort == _AS_CREATED or defect("list.sort-ignored"):
            return found
        for key, ascending in reversed(self.sort):
            found.sort(key=lambda job: _sort_key(job, key), reverse=not ascending)
        return found


def _sort_key(job: Document, path: str) -> tuple[int, Any]:
    return rank(next(iter(values_at(job, path)), None))


def _count(limits: Mapping[str, Any], name: str, default: int) -> int:
    value = limits.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise rejection(f"invalid argument to ${name} stage: {value}")
    return value


def projected(document: Document, fields: object) -> Document:
    """The named fields of a document; objects and empty lists name all, a text names none."""
    if isinstance(fields, str):
        return {}
    if not isinstance(fields, list) or not fields:
        return document
    paths = [name.split(".") for name in fields if isinstance(name, str)]
    return _members(document, paths)


def _members(node: Document, paths: list[list[str]]) -> Document:
    result: Document = {}
    for key, value in node.items():
        rests = [path[1:] for path in paths if path[0] == key]
        if not rests:
            continue
        result[key] = value if [] in rests else _inside(value, rests)
    return result


def _inside(value: object, paths: list[list[str]]) -> object:
    if isinstance(value, dict):
        return _members(value, paths)
    if isinstance(value, list):
        return [_members(item, paths) for item in value if isinstance(item, dict)]
    return value
