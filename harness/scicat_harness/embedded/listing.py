"""The rows of a list of jobs: where, order, limit, skip and projection.

See specification: list.limits. In v4 lists the limit comes before the skip, and any sort that is
not ``asc`` is descending.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import rejection
from scicat_harness.embedded.query import matches, rank, values_at
from scicat_harness.embedded.store import DEFAULT_LIMIT, Document

__all__ = ["Listing", "projected"]

# Field and ascending. The store is in this order already, so nothing is sorted for it.
_AS_CREATED = (("createdAt", True),)


@dataclass(frozen=True, slots=True)
class Listing:
    """The selection, order and limits of one list request.

    ``sort`` holds pairs of a field and True for ascending. ``limit`` 0 is no limit.
    """

    where: Mapping[str, Any] = field(default_factory=dict)
    sort: tuple[tuple[str, bool], ...] = _AS_CREATED
    limit: int = DEFAULT_LIMIT
    skip: int = 0

    @classmethod
    def from_filter(cls, value: Mapping[str, Any]) -> "Listing":
        """Return the listing of a checked v4 filter.

        Raises HttpFailure: 400 for limits that the database refuses, such as negative numbers.
        """
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
        """Return the page of a v4 list: limit first, then skip.

        Documented is the other order. Observed since v4.27.0: ``{"limit": 3, "skip": 2}`` shows
        one row.
        """
        found = self.selected(jobs, defect)
        if defect("list.limit-ignored"):
            return found[self.skip :]
        if defect("list.skip-before-limit"):
            found = found[self.skip :]
            return found[: self.limit] if self.limit else found
        # 0 is no limit, as in MongoDB.
        limited = found[: self.limit] if self.limit else found
        return limited[self.skip :]

    def pages(self, jobs: Iterable[Document], defect: Defects) -> list[Document]:
        """Return the page of the v3 full query: skip first, then limit."""
        found = self.selected(jobs, defect)[self.skip :]
        return found[: self.limit] if self.limit else found

    def selected(self, jobs: Iterable[Document], defect: Defects) -> list[Document]:
        """Return all jobs that match, in order, without limits."""
        found = [job for job in jobs if defect("list.where-ignored") or matches(job, self.where)]
        if self.sort == _AS_CREATED or defect("list.sort-ignored"):
            return found
        # Stable sorts from the last key to the first order by all keys.
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
    """Return the document with the named fields only, in their stored order.

    A name may be dotted. No list, or an empty one, names all fields; a text names none.
    """
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
        # A path that ends here takes the whole value, whatever longer paths say.
        result[key] = value if [] in rests else _inside(value, rests)
    return result


def _inside(value: object, paths: list[list[str]]) -> object:
    if isinstance(value, dict):
        return _members(value, paths)
    if isinstance(value, list):
        return [_members(item, paths) for item in value if isinstance(item, dict)]
    return value
