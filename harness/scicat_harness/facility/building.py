"""The requests of a plan, built from their needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scicat_harness.facility.axes import listed, owned
from scicat_harness.facility.conditions import OutOfReach
from scicat_harness.facility.requests import Needs
from scicat_harness.model.auth import DATASET_AUTHS
from scicat_harness.model.dataset import DatasetList
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.request import (
    CONTACT_WITH_TOKEN,
    NO_DATASETS,
    CreateRequest,
    JobOwnership,
    Ownership,
    UpdateRequest,
)

__all__ = ["RequestBuilder"]


@dataclass(slots=True)
class RequestBuilder:
    """Builds requests for one job type.

    ``marks_job`` and ``marks_result`` say whether jobParams and jobResultObject get the marks of
    the run: a schema may allow nothing but its own properties there.
    """

    job_type: JobType
    group: str
    marks_job: bool = True
    marks_result: bool = True

    def create(self, needs: Needs) -> CreateRequest:
        """Return a create that lists datasets if it must; it names no owner."""
        with_list = needs.lists or self.job_type.create_kind in DATASET_AUTHS
        datasets = self.listed(needs) if with_list and needs.count != 0 else NO_DATASETS
        return self.create_of(datasets, needs, Ownership())

    def listed(self, needs: Needs) -> DatasetList:
        """Return the list of datasets with which a create is permitted most likely."""
        # An auth value about published datasets refuses a dataset of the owner.
        public = str(self.job_type.create_kind) == "#datasetPublic"
        situation = "published" if public else "own"
        both = (situation, f"another-{situation}")
        return listed(both[: needs.count or 1], needs.datasets)

    def create_of(self, datasets: DatasetList, needs: Needs, ownership: Ownership) -> CreateRequest:
        """Return a create with the owners and the contact that it needs.

        Without a contact that is needed, the contact may carry its correlation.

        Raises OutOfReach if neither its parameters nor its contact can carry it.
        """
        if needs.contact is not None and not self.marks_job:
            raise OutOfReach(
                "neither its jobParams nor its contactEmail can carry a mark, by which the job of "
                "a request is found"
            )
        contact = needs.contact or (ownership.email if self.marks_job else CONTACT_WITH_TOKEN)
        ownership = replace(
            ownership,
            user=needs.owners.get("ownerUser", ownership.user),
            group=needs.owners.get("ownerGroup", ownership.group),
        )
        return CreateRequest(
            self.job_type.name,
            datasets,
            replace(ownership, email=contact),
            params=needs.params,
            marked=self.marks_job,
        )

    def create_for_updates(self, needs: Needs) -> CreateRequest:
        """Return a create of a job of the group, which the janitor may send."""
        anybodys = owned(JobOwnership("any", None, self.group))
        return self.create_of(self.create(needs).datasets, needs, anybodys)

    def made_for(self, made: CreateRequest, needs: Needs, job: JobOwnership) -> CreateRequest:
        """Return a create as ``made`` of a job with these owners, and with what an update needs."""
        ownership = owned(job)
        # Its actions may ask for a contact.
        kept = replace(ownership, email=made.ownership.email or ownership.email)
        return replace(made, params={**made.params, **needs.params}, ownership=kept)

    def update(self, needs: Needs, made: CreateRequest, job: JobOwnership) -> UpdateRequest:
        """Return an update of a job that was made by this create.

        Raises OutOfReach if neither its status, message nor result can carry its correlation.
        """
        if None not in (needs.status, needs.message) and not self.marks_result:
            raise OutOfReach(
                "neither its statusCode, its statusMessage nor its jobResultObject can carry a "
                "mark, by which the change of a request is found"
            )
        contact = made.ownership.email
        about = replace(job, datasets=made.datasets.aliases, params=made.params, contact=contact)
        return UpdateRequest(
            self.job_type.name,
            about,
            status=needs.status,
            message=needs.message,
            result=needs.result,
            marked=self.marks_result,
        )
