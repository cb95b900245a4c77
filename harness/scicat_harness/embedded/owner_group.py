"""The owner group of a v3 create request that names none, derived from its datasets.

See specification: v3.owner-group.
"""

from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.store import Document

__all__ = ["ImpliedGroup"]


@dataclass(frozen=True, slots=True)
class ImpliedGroup:
    """The inputs of the derivation: ``create.auth``, the listed pids, the owner user's groups."""

    backend: EmbeddedBackend
    auth: str | None
    pids: tuple[object, ...]
    groups: tuple[str, ...]

    def find(self) -> Any:
        """Return the owner group, None if the datasets imply none.

        It is the group of the first kept dataset by ascending pid; for ``#datasetAccess`` of the
        first unpublished one, or the user's first group if all are published.
        """
        if not self.pids or self.auth == "#datasetPublic":
            return None
        found = self.backend.store.find_datasets(self.pids)
        if self.backend.defect("v3.owner-group.of-first-dataset"):
            return found[0].get("ownerGroup") if found else None
        kept = [dataset for dataset in found if self._keeps(dataset)]
        # Compared with the list as sent, so a repeated pid leaves the job without a group.
        if len(kept) != len(self.pids):
            return None
        if self.auth == "#datasetAccess":
            kept = [dataset for dataset in kept if not dataset.get("isPublished")]
            if not kept:
                return self.groups[0] if self.groups else None
        return kept[0].get("ownerGroup")

    def _keeps(self, dataset: Document) -> bool:
        policy = self.backend.policy
        owner = policy.belongs(self.groups, dataset.get("ownerGroup"))
        if self.auth == "#datasetOwner":
            return owner or policy.is_admin(self.groups)
        if self.auth == "#datasetAccess":
            granted = policy.overlap(self.groups, dataset.get("accessGroups"))
            return bool(dataset.get("isPublished")) or owner or granted
        return True
