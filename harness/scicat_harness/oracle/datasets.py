"""Dataset documents: a dataset of a site as the backend stores it, and as actions see it.

Source: observed v4.25.1 to v5.2.1, the same on all of them; specification: datasets. Earlier
releases load no datasets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scicat_harness.model.dataset import DERIVED, PLURAL, Dataset
from scicat_harness.oracle.javascript import DateValue

__all__ = [
    "CHOSEN_TIMES",
    "FIELDS",
    "LIFECYCLE_TIMES",
    "TIMES",
    "dataset_document",
    "times_of",
]

Document = Mapping[str, Any]

_ORDER_TEXT = """
createdBy updatedBy ownerGroup accessGroups instrumentGroup isPublished pid owner ownerEmail
orcidOfOwner contactEmail sourceFolder sourceFolderHost size packedSize numberOfFiles
numberOfFilesArchived creationTime type validationStatus keywords description datasetName
classification license version datasetlifecycle techniques relationships sharedWith
scientificMetadata comment dataQualityMetrics principalInvestigators startTime endTime
creationLocation dataFormat runNumber proposalIds sampleIds instrumentIds inputDatasets usedSoftware
jobParameters jobLogData scientificMetadataSchema createdAt updatedAt _id __v
"""
_ORDER = tuple(_ORDER_TEXT.split())
FIELDS = frozenset(_ORDER)
"""All fields that a stored dataset may have."""
_LIFECYCLE_TEXT = """
archivable retrievable publishable dateOfDiskPurging publishedOn isOnCentralDisk
archiveStatusMessage retrieveStatusMessage archiveReturnMessage retrieveReturnMessage exportedTo
retrieveIntegrityCheck storageLocation _id archiveRetentionTime dateOfPublishing
"""
_LIFECYCLE_ORDER = tuple(_LIFECYCLE_TEXT.split())
_NEW: Document = {
    "size": 0,
    "packedSize": 0,
    "numberOfFiles": 0,
    "numberOfFilesArchived": 0,
    "keywords": [],
    "classification": "IN=medium,AV=low,CO=low",
    "version": "3",
    "techniques": [],
    "relationships": [],
    "sharedWith": [],
    "scientificMetadata": {},
    "inputDatasets": [],
    "usedSoftware": [],
    "__v": 0,
}
# Observed v5.0.1, v5.2.1; before v5.0.0 a relationship had other fields.
_RELATIONSHIP: Document = {
    "identifier": None,
    "identifierType": "Other",
    "relationship": "IsReferencedBy",
    "entityType": "Other",
}
_SI_UNITS = frozenset({"m", "s", "A", "K", "mol", "cd"})
TIMES = ("creationTime", "createdAt", "updatedAt")
CHOSEN_TIMES = ("startTime", "endTime")
LIFECYCLE_TIMES = ("dateOfDiskPurging", "publishedOn", "archiveRetentionTime", "dateOfPublishing")


def dataset_document(dataset: Dataset, pid: str, maker: str = "janitor") -> dict[str, Any]:
    """Return the stored dataset that ``maker`` made, with its keys in the stored order.

    Values that only a run knows are names: ``$time_createdAt_own`` for the dataset ``own``, and
    ``$unknown``, which nothing resolves. Those of times are dates.
    """
    body = dataset.body(pid)
    # A key that was not sent becomes null.
    plural = {many: [body.pop(one, None)] for one, many in PLURAL.items()}
    if body["type"] == DERIVED:
        # v3 takes no samples and no instruments for it.
        plural |= {"sampleIds": [], "instrumentIds": []}
        plural["principalInvestigators"] = [body.pop("investigator")]
    made = {"createdBy": maker, "updatedBy": maker, "_id": pid, **plural}
    # The catalogue counts what the origdatablock has, whatever was sent; a file has a size of 1.
    counted = {"size": len(dataset.files), "numberOfFiles": len(dataset.files)}
    document = {
        **_NEW,
        **body,
        **(counted if dataset.files else {}),
        # Made from the policy of the owner group, whatever is sent.
        "classification": _NEW["classification"],
        **made,
        **_named(dataset, [*TIMES, *(each for each in CHOSEN_TIMES if each in body)]),
        "datasetlifecycle": _lifecycle(dataset, body["datasetlifecycle"]),
    }
    # The backend gives each of them an id, and has its keys in the order of its schema.
    document["techniques"] = [
        {**{key: each[key] for key in ("pid", "name") if key in each}, "_id": "$unknown"}
        for each in document["techniques"]
    ]
    document["relationships"] = [
        {**{key: each.get(key, usual) for key, usual in _RELATIONSHIP.items()}, "_id": "$unknown"}
        for each in document["relationships"]
    ]
    document["scientificMetadata"] = _with_si_units(document["scientificMetadata"])
    return {name: document[name] for name in _ORDER if name in document}


def times_of(alias: str, document: Document) -> dict[str, str]:
    """Return the values of the names in ``dataset_document`` for a dataset as it is stored.

    ``document`` is the dataset as the API shows it.
    """
    lifecycle = document.get("datasetlifecycle")
    inner = lifecycle if isinstance(lifecycle, Mapping) else {}
    found = {name: document.get(name) for name in (*TIMES, *CHOSEN_TIMES)}
    found |= {name: inner.get(name) for name in LIFECYCLE_TIMES}
    named = {f"time_{name}_{_word(alias)}": str(value) for name, value in found.items()}
    return {**named, f"lifecycle_{_word(alias)}": str(inner.get("_id"))}


def _lifecycle(dataset: Dataset, given: Document) -> dict[str, Any]:
    new = {
        "archivable": True,
        "retrievable": False,
        "publishable": False,
        **_named(dataset, LIFECYCLE_TIMES),
        "isOnCentralDisk": True,
        "archiveStatusMessage": "datasetCreated",
        "retrieveStatusMessage": "",
        "retrieveIntegrityCheck": False,
        "_id": f"$lifecycle_{_word(dataset.alias)}",
        **given,
    }
    return {name: new[name] for name in _LIFECYCLE_ORDER if name in new}


def _named(dataset: Dataset, names: Iterable[str]) -> dict[str, DateValue]:
    return {name: DateValue(f"$time_{name}_{_word(dataset.alias)}") for name in names}


def _word(alias: str) -> str:
    return alias.replace("-", "_")


def _with_si_units(metadata: Document) -> Document:
    """Return metadata in which each quantity has its value in SI units.

    It is known where the unit is one of them already.
    """
    return {key: _quantity(value) for key, value in metadata.items()}


def _quantity(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    # The backend looks at the first letters of names only.
    named = [key for key in value if not key.endswith("SI")]
    has_value = any(key.startswith("v") for key in named)
    unit = next((value[key] for key in reversed(named) if key.startswith("u")), None)
    if has_value and unit:
        given = next(value[key] for key in reversed(named) if key.startswith("v"))
        known = unit in _SI_UNITS and isinstance(given, int | float)
        si = (given, unit) if known else ("$unknown", "$unknown")
        return {**value, "valueSI": si[0], "unitSI": si[1]}
    return _with_si_units(value)
