"""The owner group that a v3 request does not name but implies through its datasets.

See specification: v3.owner-group.
"""

from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.store import Document

__all__ = ["ImpliedGroup"]


@dataclass(frozen=True, slots=True)
class ImpliedGroup:
    """What decides the group: the authorization, the listed pids and the groups of the user."""

    backend: EmbeddedBackend
    auth: str | None
    pids: tuple[object, ...]
    groups: tuple[str, ...]

    def find(self) -> Any:
        """The group, None if the datasets imply none."""
        if not self.pids or self.auth == "#datasetPublic":
            return None
        found = self.backend.store.find_datasets(self.pids)
        if self.backend.defect("v3.owner-group.of-first-dataset"):
            return found[0].get("ownerGroup") if found else None
        kept = [dataset for dataset in found if self._keeps(dataset)]
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
