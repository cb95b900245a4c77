"""Datasets and the lists of them that a job request carries, malformed ones included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Dataset", "DatasetList", "ListShape", "Listed"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset by its alias; ``files`` are the paths in its one origdatablock.

    ``exists=False`` stands for a pid that no dataset has. ``archivable`` and ``retrievable`` are
    those of its lifecycle. ``fields`` are further ones, by dotted path.
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

    def with_fields(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document of this dataset with the further fields in it."""
        for path, value in self.fields.items():
            *parents, name = path.split(".")
            place = document
            for each in parents:
                place = place.setdefault(each, {})
            place[name] = value
        return document


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of a dataset list: a dataset alias and the file paths asked for."""

    alias: str
    files: tuple[str, ...] = ()


class ListShape(StrEnum):
    """How the value under ``datasetList`` is formed; only LIST carries items that matter."""

    ABSENT = "absent"
    LIST = "list"
    NULL = "null"
    TEXT = "text"
    OBJECT = "object"
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
    """The datasets of a request; ``name`` is the kebab-case name used in case ids."""

    name: str
    items: tuple[Listed, ...] = ()
    shape: ListShape = ListShape.LIST

    @property
    def aliases(self) -> tuple[str, ...]:
        """Aliases in request order, repetitions kept."""
        return tuple(item.alias for item in self.items)
