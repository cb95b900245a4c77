"""What the backend accepts of datasets and requests, beyond what a configuration asks for.

A value that meets a condition is of no use if the API refuses it. Source: specification: datasets;
observed v5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scicat_harness.model.dataset import Dataset
from scicat_harness.oracle.datasets import (
    CHOSEN_TIMES,
    FIELDS,
    LIFECYCLE_TIMES,
    dataset_document,
)
from scicat_harness.oracle.javascript import DateValue

__all__ = [
    "ADDRESSES",
    "A_DATE",
    "GIVEN_FIELDS",
    "GIVEN_OF_LIFECYCLE",
    "OBJECTS",
    "OF_A_DATASET",
    "OF_A_REQUEST",
    "USUAL_DATASET",
]

ADDRESSES = ("contactEmail", "ownerEmail")
_ADDRESS = r"^[A-Za-z0-9._-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$"
_WORD = {"type": "string", "minLength": 1}
# What the API of datasets accepts, as far as conditions are seen on it (specification: datasets).
_KINDS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("type", {"enum": ["raw", "derived"]}),
    ("isPublished", {"type": "boolean"}),
    ("ownerGroup", {"type": "string", "minLength": 1}),
    ("size packedSize numberOfFiles numberOfFilesArchived", {"type": "integer", "minimum": 0}),
    ("dataQualityMetrics", {"type": "number"}),
    ("scientificMetadata jobParameters", {"type": "object"}),
    ("keywords sharedWith accessGroups", {"type": "array", "items": {"type": "string"}}),
    ("datasetName owner", {"type": "string", "minLength": 1}),
    ("contactEmail ownerEmail", {"type": "string", "pattern": _ADDRESS}),
    # A slash at its end is taken off.
    ("sourceFolder", {"type": "string", "pattern": "[^/]$"}),
    ("sourceFolderHost", {"type": "string", "pattern": r"^https?://[a-z]+(\.[a-z]{2,})+$"}),
    ("description validationStatus license comment", {"type": "string"}),
    ("creationLocation dataFormat runNumber orcidOfOwner", {"type": "string"}),
    # A request has one of each, from which the backend makes a list.
    (
        "principalInvestigators proposalIds sampleIds instrumentIds",
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 1},
    ),
    (
        "techniques",
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pid": _WORD, "name": _WORD},
                "required": ["pid", "name"],
                "additionalProperties": False,
            },
        },
    ),
    (
        "relationships",
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "identifier": _WORD,
                    # Identifiers of other types have to have a form.
                    "identifierType": {"const": "Other"},
                    "relationship": _WORD,
                    "entityType": _WORD,
                },
                "required": ["identifier"],
                "additionalProperties": False,
            },
        },
    ),
)
_LIFECYCLE: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (
        "archivable retrievable publishable isOnCentralDisk retrieveIntegrityCheck",
        {"type": "boolean"},
    ),
    (
        "archiveStatusMessage retrieveStatusMessage exportedTo storageLocation",
        {"type": "string"},
    ),
    # The backend makes dates of what it is given, and refuses what is none; actions see dates.
    (
        "dateOfDiskPurging archiveRetentionTime dateOfPublishing publishedOn",
        {"not": {}},
    ),
)


def _by_name(kinds: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Mapping[str, Any]]:
    return {name: schema for names, schema in kinds for name in names.split()}


# The schema of every field that a request may choose, by its name.
OF_A_DATASET = {
    **_by_name(_KINDS),
    "datasetlifecycle": {"type": "object", "properties": _by_name(_LIFECYCLE)},
}
# Further fields of a stored dataset, which no request chooses. Of times only these are chosen.
GIVEN_FIELDS = FIELDS - OF_A_DATASET.keys() - set(CHOSEN_TIMES)
GIVEN_OF_LIFECYCLE = frozenset(LIFECYCLE_TIMES)
A_DATE = DateValue("2024-07-02T09:00:00.000Z")
USUAL_DATASET = dataset_document(Dataset("usual", "usual"), "usual")
OBJECTS = ("jobParams", "jobResultObject")
OF_A_REQUEST: Mapping[str, Mapping[str, Any]] = {
    "statusCode": {"type": "string"},
    "statusMessage": {"type": "string"},
    **{name: {"type": "object"} for name in OBJECTS},
    # The backend takes more addresses than these.
    "contactEmail": {"type": "string", "pattern": _ADDRESS},
    "ownerUser": _WORD,
    "ownerGroup": _WORD,
}
