"""The documents of one backend, in memory: jobs, datasets and lists of files.

See specification: job.document, create.dataset-list (limits of 100). Datasets are found in
the order of their pids, jobs in the order of their creation.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["DEFAULT_LIMIT", "Document", "Store"]

Document = dict[str, Any]

DEFAULT_LIMIT = 100
"""How many documents the real database hands out when nobody asks for a number."""


@dataclass(slots=True)
class Store:
    """Everything that requests change."""

    jobs: dict[str, Document] = field(default_factory=dict)
    datasets: dict[str, Document] = field(default_factory=dict)
    blocks: dict[str, list[Document]] = field(default_factory=dict)

    def find_datasets(self, pids: Iterable[object]) -> list[Document]:
        """The datasets of some pids, each once, by ascending pid, at most 100."""
        known = sorted({pid for pid in pids if isinstance(pid, str) and pid in self.datasets})
        return [self.datasets[pid] for pid in known[:DEFAULT_LIMIT]]

    def find_blocks(self, pids: Iterable[str]) -> Iterator[Document]:
        """The file lists of some datasets, by ascending pid and in the order of their creation."""
        return (block for pid in sorted(pids) for block in self.blocks.get(pid, ()))

    def add_block(self, block: Document) -> None:
        """Keep a file list of a dataset."""
        self.blocks.setdefault(block["datasetId"], []).append(block)
