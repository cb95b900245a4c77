"""The documents of one backend, in memory: jobs, datasets and origdatablocks.

See specification: job.document, create.dataset-list (limits of 100). Datasets are found in
ascending order of their pids, jobs in the order of their creation.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["DEFAULT_LIMIT", "Document", "Store"]

Document = dict[str, Any]

DEFAULT_LIMIT = 100
"""The number of documents that the real backend finds when a query sets no limit."""


@dataclass(slots=True)
class Store:
    """All documents that requests create and change.

    ``jobs`` is keyed by job id in the order of creation, ``datasets`` by pid, ``blocks`` (the
    origdatablocks of a dataset) by pid. Documents are replaced, never changed in place.
    """

    jobs: dict[str, Document] = field(default_factory=dict)
    datasets: dict[str, Document] = field(default_factory=dict)
    blocks: dict[str, list[Document]] = field(default_factory=dict)

    def find_datasets(self, pids: Iterable[object]) -> list[Document]:
        """Return the datasets with these pids, each once, by ascending pid.

        Unknown pids are left out, and so is everything after the first 100.
        """
        known = sorted({pid for pid in pids if isinstance(pid, str) and pid in self.datasets})
        return [self.datasets[pid] for pid in known[:DEFAULT_LIMIT]]

    def find_blocks(self, pids: Iterable[str]) -> Iterator[Document]:
        """Return the origdatablocks of these datasets, by ascending pid, then by creation."""
        return (block for pid in sorted(pids) for block in self.blocks.get(pid, ()))

    def add_block(self, block: Document) -> None:
        """Store an origdatablock of a dataset."""
        self.blocks.setdefault(block["datasetId"], []).append(block)
