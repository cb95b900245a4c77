"""The dataset checks of ``#datasetPublic``, ``#datasetAccess`` and ``#datasetOwner``.

See specification: create.dataset-access.
"""

from dataclasses import dataclass

from scicat_harness.embedded.access import CallerKind, RequestCaller
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.dataset_list import ListedDatasets
from scicat_harness.embedded.failures import denial
from scicat_harness.embedded.ownership import ResolvedOwnership
from scicat_harness.embedded.store import Document

__all__ = ["DATASET_AUTHS", "DatasetCheck"]

DATASET_AUTHS = frozenset({"#datasetPublic", "#datasetAccess", "#datasetOwner"})


@dataclass(frozen=True, slots=True)
class DatasetCheck:
    """The dataset check of one create request."""

    backend: EmbeddedBackend
    caller: RequestCaller
    auth: str | None
    listed: ListedDatasets
    ownership: ResolvedOwnership

    def run(self) -> None:
        """Check the listed datasets; do nothing for other auth values and for admins.

        Raises HttpFailure: 422 without a dataset list, 401 for ``#datasetOwner`` and an anonymous
        caller, 403 if there are no groups to check or fewer datasets fit than are listed.
        """
        if not self._applies():
            return
        defect = self.backend.defect
        if not self.listed.pids:
            if defect("datasets.check.list-not-required"):
                return
            raise denial(422, "Dataset ids list was not provided in jobParams")
        groups = self._groups()
        if self.auth == "#datasetOwner" and not self.caller.authenticated:
            status = 403 if defect("status.owner-check-anonymous-403") else 401
            raise denial(status, "User not authenticated")
        # For instance a create-privileged caller who names no owner user.
        if self.auth == "#datasetOwner" and not groups:
            raise denial(
                403,
                "User does not belong to any group, cannot create job with #datasetOwner"
                " authorization.",
            )
        if not self._enough(groups):
            status = 400 if defect("status.dataset-denial-400") else 403
            raise denial(status, "User does not have access to all datasets, cannot create job.")

    def _applies(self) -> bool:
        # Before v4.25.0 only admins of a group called "admin" were excused.
        defect, kind = self.backend.defect, self.backend.kind(self.caller)
        if self.auth not in DATASET_AUTHS:
            return False
        if kind is CallerKind.ADMIN:
            return defect("datasets.check.applied-to-admin")
        if kind is CallerKind.CREATE_PRIVILEGED:
            return not defect("datasets.check.skipped-for-create-privileged")
        return True

    def _groups(self) -> tuple[str, ...]:
        # Since v5.2.0 those of the owner user; before, the owner group of the request counted.
        defect = self.backend.defect
        if defect("datasets.check.caller-groups-on-behalf"):
            return self.caller.groups
        if defect("datasets.check.request-group-decides") and self.ownership.owner_group:
            return (self.ownership.owner_group,)
        return self.ownership.groups

    def _enough(self, groups: tuple[str, ...]) -> bool:
        defect = self.backend.defect
        found = self.backend.store.find_datasets(self.listed.pids)
        # A repeated pid is found once but counts twice, so such a list never has enough.
        needed = len(self.listed.pids)
        if defect("datasets.list.repeated-pid-accepted"):
            needed = len(set(self.listed.pids))
        if defect("datasets.check.first-only"):
            found = [dataset for dataset in found if dataset["pid"] == self.listed.pids[0]]
            needed = 1
        satisfying = sum(self._satisfied(dataset, groups) for dataset in found)
        if defect("datasets.check.any-instead-of-all"):
            return satisfying > 0
        if defect("datasets.check.one-too-few"):
            return satisfying >= needed - 1
        return satisfying >= needed

    def _satisfied(self, dataset: Document, groups: tuple[str, ...]) -> bool:
        defect, policy = self.backend.defect, self.backend.policy
        published = bool(dataset.get("isPublished"))
        owner = policy.belongs(groups, dataset.get("ownerGroup"))
        granted = policy.overlap(groups, dataset.get("accessGroups"))
        if self.auth == "#datasetPublic":
            return published or defect("create.auth.dataset-public.accepts-unpublished")
        if self.auth == "#datasetOwner":
            return (
                owner
                or (granted and defect("create.auth.dataset-owner.accepts-access-group"))
                or (published and defect("create.auth.dataset-owner.accepts-published"))
                or defect("create.auth.dataset-owner.accepts-stranger")
            )
        return (
            (published and not defect("datasets.check.published-ignored"))
            or (owner and not defect("datasets.check.owner-group-ignored"))
            or (granted and not defect("datasets.check.access-groups-ignored"))
            or defect("create.auth.dataset-access.accepts-stranger")
        )
