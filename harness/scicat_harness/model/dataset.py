"""Datasets, and the dataset lists of job requests, malformed ones included.

Source: specification: datasets, create.dataset-list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scicat_harness.model.identity import CONTACT

__all__ = ["DERIVED", "PLURAL", "Dataset", "DatasetList", "ListShape", "Listed"]

PLURAL = {
    "principalInvestigator": "principalInvestigators",
    "proposalId": "proposalIds",
    "sampleId": "sampleIds",
    "instrumentId": "instrumentIds",
}
"""The names of v3 for the only items of these lists of a stored dataset."""


DERIVED = "derived"
_OF_RAW: Mapping[str, Any] = {"principalInvestigator": "harness", "creationLocation": "harness"}
_OF_DERIVED: Mapping[str, Any] = {
    "investigator": "harness",
    "inputDatasets": ["harness"],
    "usedSoftware": ["harness"],
}


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset of a site; ``files`` are the paths in its one origdatablock.

    ``alias`` names it in scenarios; its pid is made of the run and the alias. With
    ``exists=False`` it is a pid that no dataset has. ``archivable`` and ``retrievable`` are fields
    of its lifecycle. ``fields`` are further fields of the document, by dotted path, such as
    ``{"scientificMetadata.size": 3}``.
    """

    alias: str
    owner_group: str
    access_groups: tuple[str, ...] = ()
    published: bool = False
    files: tuple[str, ...] = ()
    exists: bool = True
    archivable: bool = True
    retrievable: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def body(self, pid: str) -> dict[str, Any]:
        """Return the body of the request to v3 that makes this dataset, without creation time.

        v3 has one name, such as ``proposalId``, where a stored dataset has a list of one item. A
        dataset is raw unless its fields say ``{"type": "derived"}``.
        """
        derived = self.fields.get("type") == DERIVED
        body = self.with_fields(
            {
                "pid": pid,
                "type": "raw",
                "datasetName": pid,
                "owner": "harness",
                "ownerGroup": self.owner_group,
                "accessGroups": list(self.access_groups),
                "isPublished": self.published,
                "contactEmail": CONTACT,
                **(_OF_DERIVED if derived else _OF_RAW),
                "sourceFolder": f"/harness/{pid}",
                "datasetlifecycle": {
                    "archivable": self.archivable,
                    "retrievable": self.retrievable,
                },
            }
        )
        for one, many in PLURAL.items():
            if isinstance(body.get(many), list) and len(body[many]) == 1:
                (body[one],) = body.pop(many)
        return body

    def with_fields(self, document: dict[str, Any]) -> dict[str, Any]:
        """Add the further fields to the document of this dataset, in place, and return it.

        Objects on the way to a dotted path are made where they are missing.
        """
        for path, value in self.fields.items():
            *parents, name = path.split(".")
            place = document
            for each in parents:
                # Fields that the document has beside the new one stay.
                place = place.setdefault(each, {})
            place[name] = value
        return document


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of a dataset list: a dataset alias and the requested file paths."""

    alias: str
    files: tuple[str, ...] = ()


class ListShape(StrEnum):
    """Forms of the value of ``datasetList``, valid and malformed.

    Only the items of a LIST are sent as they are; the other forms are made by the client.
    """

    ABSENT = "absent"
    LIST = "list"
    # The whole value is malformed.
    NULL = "null"
    TEXT = "text"
    OBJECT = "object"
    # The list has one malformed item.
    ITEM_TEXT = "item-text"
    ITEM_WITHOUT_PID = "item-without-pid"
    ITEM_EMPTY_PID = "item-empty-pid"
    ITEM_NUMBER_PID = "item-number-pid"
    ITEM_WITHOUT_FILES = "item-without-files"
    ITEM_FILES_TEXT = "item-files-text"
    ITEM_FILE_NUMBER = "item-file-number"
    ITEM_EXTRA_KEY = "item-extra-key"


@dataclass(frozen=True, slots=True)
class DatasetList:
    """The dataset list of a request; ``name`` is its kebab-case name in case ids."""

    name: str
    items: tuple[Listed, ...] = ()
    shape: ListShape = ListShape.LIST

    @property
    def aliases(self) -> tuple[str, ...]:
        """The aliases in the order of the request, repetitions included."""
        return tuple(item.alias for item in self.items)
