"""Datasets and the lists of them that a job request carries, malformed ones included."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Dataset", "DatasetList", "ListShape", "Listed"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset by its alias; ``files`` are the paths in its one origdatablock.

    ``exists=False`` stands for a pid that no dataset has. ``archivable`` and ``retrievable`` are
    those of its lifecycle.
    """

    alias: str
    owner_group: str
    access_groups: tuple[str, ...] = ()
    published: bool = False
    files: tuple[str, ...] = ()
    exists: bool = True
    archivable: bool = True
    retrievable: bool = False


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
