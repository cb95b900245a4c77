"""Requests for operations on jobs, independent of API version and wire format.

The client writes them as bodies of v3 or v4; the oracle predicts their outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scicat_harness.model.dataset import DatasetList, ListShape

__all__ = [
    "CONTACT_WITH_TOKEN",
    "CORRELATION_DOMAIN",
    "NO_DATASETS",
    "Api",
    "BodyFault",
    "CreateRequest",
    "JobOwnership",
    "Operation",
    "Ownership",
    "PatchForm",
    "UpdateRequest",
]

CORRELATION_DOMAIN = "correlation.example"
"""Domain of contact addresses that carry a correlation where ``jobParams`` cannot."""
CONTACT_WITH_TOKEN = f"$token@{CORRELATION_DOMAIN}"
NO_DATASETS = DatasetList("no-list", shape=ListShape.ABSENT)


class Api(StrEnum):
    """The API versions of the jobs endpoints."""

    V3 = "v3"
    V4 = "v4"


class Operation(StrEnum):
    """The operations on jobs; READ is of one job, LIST of all visible ones."""

    CREATE = "create"
    UPDATE = "update"
    READ = "read"
    LIST = "list"
    DELETE = "delete"


class BodyFault(StrEnum):
    """A defect of the body that request validation rejects with status 400.

    Source: specification: create.body, update.body.
    """

    NONE = "none"
    # Of a create (an unknown key also of an update). On v3 only those of type and email, because
    # the mapping makes or drops the other fields.
    TYPE_MISSING = "type-missing"
    TYPE_NUMBER = "type-number"
    PARAMS_MISSING = "params-missing"
    PARAMS_LIST = "params-list"
    UNKNOWN_KEY = "unknown-key"
    EMAIL_MALFORMED = "email-malformed"
    OWNER_USER_NUMBER = "owner-user-number"
    OWNER_GROUP_OBJECT = "owner-group-object"
    # Of an update through v4.
    STATUS_CODE_MISSING = "status-code-missing"
    STATUS_MESSAGE_MISSING = "status-message-missing"
    RESULT_TEXT = "result-text"

    def fits(self, operation: Operation, api: Api) -> bool:
        """Return whether a request of this operation and API can have the defect."""
        of_update = (self.STATUS_CODE_MISSING, self.STATUS_MESSAGE_MISSING, self.RESULT_TEXT)
        if self is BodyFault.NONE:
            return True
        if operation is Operation.UPDATE:
            return api is Api.V4 and self in (*of_update, self.UNKNOWN_KEY)
        through_v3 = (self.TYPE_MISSING, self.TYPE_NUMBER, self.EMAIL_MALFORMED)
        return self in through_v3 if api is Api.V3 else self not in of_update


class PatchForm(StrEnum):
    """The media type of a PATCH body, which decides how it is applied (update.merge-patch)."""

    REPLACE = "application/json"
    MERGE = "application/merge-patch+json"


@dataclass(frozen=True, slots=True)
class Ownership:
    """The requested owner of a new job; None means that the key is not sent.

    Through v3, ``user`` and ``group`` travel as ``jobParams.username`` and
    ``jobParams.ownerGroup``, ``email`` as ``emailJobInitiator``.
    """

    name: str = "nothing"
    user: str | None = None
    group: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """POST of a job; ``job_type`` need not be configured.

    ``params`` are further keys of ``jobParams``. ``turn`` is the number of earlier requests of the
    check; it matters for a regex with flag ``g``, which keeps its position between requests.
    """

    job_type: str
    datasets: DatasetList = NO_DATASETS
    ownership: Ownership = Ownership()
    api: Api = Api.V4
    fault: BodyFault = BodyFault.NONE
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    turn: int = 0
    marked: bool = True
    """False: ``jobParams`` has ``params`` alone, for a schema that allows nothing else. The marks
    of the run are then in the contact address (``CONTACT_WITH_TOKEN``)."""


@dataclass(frozen=True, slots=True)
class JobOwnership:
    """A stored job for update, read, list and delete: its owners and its datasets.

    ``datasets`` is None if any dataset will do. ``params`` are the jobParams and ``contact`` is the
    address that it was created with, as far as they matter.
    """

    name: str
    owner_user: str | None = None
    owner_group: str | None = None
    datasets: tuple[str, ...] | None = None
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """PATCH of a stored job; ``job`` is None for an id that no job has.

    ``status`` is the new statusCode and ``message`` the new statusMessage (None: the mark of the
    request), ``result`` further keys of the new jobResultObject. ``marked`` False: the result has
    no further keys.
    """

    job_type: str
    job: JobOwnership | None
    api: Api = Api.V4
    form: PatchForm = PatchForm.REPLACE
    fault: BodyFault = BodyFault.NONE
    status: str | None = None
    message: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict, hash=False)
    marked: bool = True
