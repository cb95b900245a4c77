"""Steps of a sequence: a request on the jobs that the sequence made, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from scicat_harness.model.identity import Identity
from scicat_harness.model.request import Api, CreateRequest, PatchForm
from scicat_harness.oracle.lists import ListQuery

__all__ = ["Create", "Delete", "Listing", "MergeTwice", "Read", "Step", "Update"]


@dataclass(frozen=True, slots=True)
class Create:
    """Create a job."""

    who: Identity
    request: CreateRequest

    def __str__(self) -> str:
        asked = self.request
        return (
            f"{self.who.name} creates {asked.job_type} through {asked.api}, datasets "
            f"{asked.datasets.name}, owner {asked.ownership.name}"
        )


@dataclass(frozen=True, slots=True)
class Update:
    """Update the job with this number."""

    who: Identity
    job: int
    api: Api = Api.V4
    form: PatchForm = PatchForm.REPLACE
    result: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        how = "merges" if self.form is PatchForm.MERGE else "sends"
        return (
            f"{self.who.name} {how} the result {dict(self.result)} to job {self.job} ({self.api})"
        )


@dataclass(frozen=True, slots=True)
class Read:
    """Read the job with this number."""

    verb: ClassVar[str] = "reads"
    who: Identity
    job: int
    api: Api = Api.V4

    def __str__(self) -> str:
        return f"{self.who.name} {self.verb} job {self.job} ({self.api})"


@dataclass(frozen=True, slots=True)
class Delete(Read):
    """Delete the job with this number."""

    verb: ClassVar[str] = "deletes"


@dataclass(frozen=True, slots=True)
class Listing:
    """List the jobs of the sequence."""

    who: Identity
    query: ListQuery
    path: str = "v4/jobs"

    def __str__(self) -> str:
        query = self.query
        parts = {"limit": query.limit, "skip": query.skip, "sort": query.sort}
        shown = {key: value for key, value in parts.items() if value is not None}
        order = " descending" if query.descending and query.sort else ""
        return f"{self.who.name} lists {self.path} with {shown}{order}"


@dataclass(frozen=True, slots=True)
class MergeTwice:
    """Send two merge patches to the job with this number at the same time."""

    who: Identity
    job: int

    def __str__(self) -> str:
        return f"{self.who.name} sends two merge patches at once to job {self.job}"


Step = Create | Update | Read | Delete | Listing | MergeTwice
