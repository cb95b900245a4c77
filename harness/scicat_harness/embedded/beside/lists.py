"""Defects by which a list shows jobs or datasets that the caller may not read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.beside.table import Table
from scicat_harness.embedded.listing import Listing
from scicat_harness.embedded.store import Document

__all__ = ["ROWS", "Listed", "listed"]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that is asked for; ``value`` is the checked filter, ``visible`` what may be shown."""

    backend: EmbeddedBackend
    value: Any
    listing: Listing
    visible: list[Document]

    @property
    def limits(self) -> Any:
        """The limits of the filter."""
        return self.value.get("limits") or {}

    @property
    def where(self) -> Any:
        """The condition of the filter."""
        return self.value.get("where") or {}

    def everything(self) -> list[Document]:
        """Return all jobs that the filter selects, whoever may read them."""
        return self.listing.rows(self.backend.store.jobs.values(), self.backend.defect)


ROWS: Table[Callable[[Listed], list[Document] | None]] = Table("lists")


def listed(seen: Listed) -> list[Document]:
    """Return the rows of a list, changed by the selected defect."""
    damage = ROWS.selected(seen.backend.defect)
    changed = damage(seen) if damage is not None else None
    return seen.listing.rows(seen.visible, seen.backend.defect) if changed is None else changed


def _all_if(condition: bool, seen: Listed) -> list[Document] | None:
    return seen.everything() if condition else None


@ROWS.add("rows.sort-shows-all", "A list with an order shows the jobs of everybody.")
def _(seen: Listed) -> list[Document] | None:
    return _all_if("sort" in seen.limits, seen)


@ROWS.add("rows.skip-shows-all", "A list with a skip shows the jobs of everybody.")
def _(seen: Listed) -> list[Document] | None:
    return _all_if(bool(seen.limits.get("skip")), seen)


@ROWS.add("rows.limit-shows-all", "A list with a small limit shows the jobs of everybody.")
def _(seen: Listed) -> list[Document] | None:
    return _all_if(seen.limits.get("limit") in (1, 2), seen)


@ROWS.add("rows.fields-show-all", "A list with fields shows the jobs of everybody.")
def _(seen: Listed) -> list[Document] | None:
    return _all_if(bool(seen.value.get("fields")), seen)


@ROWS.add("rows.include-shows-all", "A list with datasets shows the jobs of everybody.")
def _(seen: Listed) -> list[Document] | None:
    return _all_if(bool(seen.value.get("include")), seen)


@ROWS.add("rows.or-shows-all", "A condition with $or shows the jobs of everybody.")
def _(seen: Listed) -> list[Document] | None:
    return _all_if("$or" in seen.where, seen)


@ROWS.add("rows.ids-show-all", "A condition on ids shows the jobs of everybody.")
def _(seen: Listed) -> list[Document] | None:
    return _all_if("id" in seen.where, seen)


@ROWS.add("rows.owner-shows-all", "A condition on the owner shows that user's jobs to everybody.")
def _(seen: Listed) -> list[Document] | None:
    return _all_if("ownerUser" in seen.where, seen)


@ROWS.add("rows.creator-shows-all", "A condition on the creator shows the jobs of everybody.")
def _(seen: Listed) -> list[Document] | None:
    return _all_if("createdBy" in seen.where, seen)


@ROWS.add("rows.visible-after-limit", "The limit counts jobs that are then left out.")
def _(seen: Listed) -> list[Document] | None:
    ids = {each["id"] for each in seen.visible}
    return [each for each in seen.everything() if each["id"] in ids]


@ROWS.add("rows.newest-first", "Without an order, the newest job comes first.")
def _(seen: Listed) -> list[Document] | None:
    if "sort" in seen.limits:
        return None
    found = seen.listing.selected(seen.visible, seen.backend.defect)[::-1]
    limited = found[: seen.listing.limit] if seen.listing.limit else found
    return limited[seen.listing.skip :]


@ROWS.add("rows.sort-ascending-only", "Every order is ascending.")
def _(seen: Listed) -> list[Document] | None:
    found = seen.listing.rows(seen.visible, seen.backend.defect)
    key = next(iter(seen.limits.get("sort") or {}), None)
    if key is None or not key.startswith("jobParams."):
        return None
    name = key.removeprefix("jobParams.")
    return sorted(found, key=lambda job: str(job["jobParams"].get(name)))


@ROWS.add("rows.one-too-few", "The last row of a list is missing.")
def _(seen: Listed) -> list[Document] | None:
    return seen.listing.rows(seen.visible, seen.backend.defect)[:-1]


@ROWS.add("rows.limit-of-none-is-usual", "A limit of 0 is the usual limit of a hundred.")
def _(seen: Listed) -> list[Document] | None:
    if seen.limits.get("limit") != 0:
        return None
    return seen.listing.rows(seen.visible, seen.backend.defect)[:100]
