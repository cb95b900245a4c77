"""The context of templates, switch properties and validate paths: its roots and their fields.

Observed with v5.2.1; specification: templates.context. Below an open value, such as jobParams, any
name is accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

__all__ = ["DATASET", "JOB", "OLD_ROOTS", "ROOTS", "fields_of", "missing_part"]

ROOTS = ("request", "job", "datasets", "env")
JOB = (
    "id", "_id", "type", "statusCode", "statusMessage", "jobParams", "contactEmail", "ownerUser",
    "ownerGroup", "accessGroups", "isPublished", "configVersion", "jobResultObject", "createdBy",
    "updatedBy", "createdAt", "updatedAt", "__v", "instrumentGroup",
)  # fmt: skip
_REQUESTS = {
    "create": ("type", "jobParams", "ownerUser", "ownerGroup", "contactEmail"),
    "update": ("statusCode", "statusMessage", "jobResultObject"),
}
DATASET = (
    "pid", "_id", "id", "owner", "ownerEmail", "orcidOfOwner", "contactEmail", "sourceFolder",
    "sourceFolderHost", "size", "packedSize", "numberOfFiles", "numberOfFilesArchived",
    "creationTime", "type", "validationStatus", "keywords", "description", "datasetName",
    "classification", "license", "version", "isPublished", "history", "datasetlifecycle",
    "techniques", "sharedWith", "relationships", "principalInvestigators",
    "endTime", "startTime", "creationLocation", "dataFormat", "scientificMetadata",
    "proposalIds", "sampleIds", "instrumentIds",
    "inputDatasets", "usedSoftware", "jobParameters", "jobLogData", "comment", "dataQualityMetrics",
    "runNumber", "scientificMetadataSchema", "scientificMetadataValid", "ownerGroup",
    "accessGroups", "instrumentGroup", "createdBy", "updatedBy", "createdAt", "updatedAt", "__v",
)  # fmt: skip
_LIFECYCLE = (
    "id", "_id", "archivable", "retrievable", "publishable", "dateOfDiskPurging",
    "archiveRetentionTime", "dateOfPublishing", "publishedOn", "isOnCentralDisk",
    "archiveStatusMessage", "retrieveStatusMessage", "archiveReturnMessage",
    "retrieveReturnMessage", "exportedTo", "retrieveIntegrityCheck", "storageLocation",
)  # fmt: skip
OLD_ROOTS = (
    "id", "type", "emailJobInitiator", "contactEmail", "statusCode", "statusMessage", "jobParams",
    "jobResultObject", "ownerUser", "ownerGroup", "createdBy", "updatedBy", "createdAt",
    "updatedAt", "configVersion",
)  # fmt: skip
"""Fields of the job that were at the root of the context up to v4.16.0."""
_MEANT = {
    "jobStatus": "statusCode", "jobStatusMessage": "statusCode", "status": "statusCode",
    "emailJobInitiator": "contactEmail", "email": "contactEmail", "creationTime": "createdAt",
    "jobType": "type", "storageLocation": "datasetlifecycle.storageLocation",
    "archivable": "datasetlifecycle.archivable", "retrievable": "datasetlifecycle.retrievable",
}  # fmt: skip
"""Names of v3 and of other objects, by the name that they have in the context."""
_ITEM = ("*", "?")
_OF_LISTS = ("length", "first", "last")


def fields_of(root: str, operation: str) -> tuple[str, ...] | None:
    """Return the fields of a context root, or None if any field is possible."""
    return {"job": JOB, "datasets": DATASET, "request": _REQUESTS[operation]}.get(root)


def missing_part(path: Sequence[str], operation: str) -> tuple[str, str, str | None] | None:
    """Return the first part of a path that cannot exist, or None if the whole path can.

    The result is the holder, the missing name, and the known name that is most like it (None if
    there is none). A path below an open value is never missing::

        missing_part(("job", "jobStatus"), "create")  # ("job", "jobStatus", "statusCode")
        missing_part(("job", "jobParams", "any"), "create")  # None
    """
    root, *rest = path
    if root not in ROOTS:
        return "the context", root, _similar(root, ROOTS)
    if root == "datasets":
        # The index of an item is skipped: datasets[0].pid is checked as the field pid.
        if rest and (rest[0] in _ITEM or rest[0].isdigit()):
            rest = rest[1:]
        elif rest:
            # A list has none of the fields of its items; they are known for the proposal only.
            known = (*_OF_LISTS, *DATASET)
            return None if rest[0] in _OF_LISTS else (root, rest[0], _similar(rest[0], known[3:]))
    fields = fields_of(root, operation)
    if not rest or fields is None:
        return None
    if rest[0] not in fields:
        return root, rest[0], _similar(rest[0], fields)
    if root == "datasets" and rest[0] == "datasetlifecycle" and len(rest) > 1:
        return None if rest[1] in _LIFECYCLE else (rest[0], rest[1], _similar(rest[1], _LIFECYCLE))
    return None


def _similar(name: str, known: Sequence[str]) -> str | None:
    meant = _MEANT.get(name)
    # A renamed field is better than one that is merely spelt alike, if this holder has it.
    if meant is not None and meant.partition(".")[0] in known:
        return meant
    return next(iter(get_close_matches(name, known, 1)), None)
