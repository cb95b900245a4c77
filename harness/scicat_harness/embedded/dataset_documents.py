"""Documents of datasets and origdatablocks: what is stored, and how v3 shows it.

See specification: datasets; observed v4.25.1 to v5.2.1 for the defaults and the order of keys.
"""

import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scicat_harness.embedded.access import RequestCaller
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.dataset_bodies import TIMES
from scicat_harness.embedded.handlebars.units import in_si_units
from scicat_harness.embedded.javascript import now, parse_time
from scicat_harness.embedded.store import Document

__all__ = ["current_names", "new_block", "new_dataset", "obsolete_names"]

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
_LIFECYCLE_TEXT = """
archivable retrievable publishable dateOfDiskPurging publishedOn isOnCentralDisk
archiveStatusMessage retrieveStatusMessage archiveReturnMessage retrieveReturnMessage exportedTo
retrieveIntegrityCheck storageLocation _id archiveRetentionTime dateOfPublishing
"""
_LIFECYCLE_ORDER = tuple(_LIFECYCLE_TEXT.split())
_OBSOLETE = {
    "proposalId": "proposalIds",
    "sampleId": "sampleIds",
    "instrumentId": "instrumentIds",
    "principalInvestigator": "principalInvestigators",
}
"""The names of v3 for the first items of these lists."""


def new_dataset(
    backend: EmbeddedBackend, caller: RequestCaller, body: Document, version: int
) -> Document:
    """Return the document of a new dataset from a valid body of an API version.

    Its pid is the given one, or a new UUID below ``PID_PREFIX``. A new lifecycle is archivable,
    neither retrievable nor publishable; members in the body replace these defaults. The keys are
    in the order in which the database keeps them.
    """
    prefix = backend.settings.pid_prefix
    generated = f"{prefix}/{uuid.uuid4()}" if prefix else str(uuid.uuid4())
    moment = now()
    times = {key: parse_time(body[key]) for key in TIMES if body.get(key) is not None}
    # Without a name a dataset is called after the last two parts of its folder.
    folder = str(body.get("sourceFolder", ""))
    given = {key: value for key, value in body.items() if value is not None}
    made = {
        "createdBy": caller.username,
        "updatedBy": caller.username,
        # Each time is an object of its own: helpers compare objects.
        "createdAt": moment.replace(),
        "updatedAt": moment.replace(),
        "accessGroups": [],
        "isPublished": False,
        **_zeroes(),
        "keywords": [],
        "version": "3",
        "datasetName": "/".join(part for part in folder.split("/")[-2:] if part),
        **{name: [] for name in ("sharedWith", "inputDatasets", "usedSoftware")},
        **(current_names(given, body.get("type")) if version == 3 else given),
        "techniques": [_technique(each) for each in body.get("techniques") or ()],
        "relationships": [_relationship(each) for each in body.get("relationships") or ()],
        "scientificMetadata": _with_si_units(body.get("scientificMetadata") or {}),
        **times,
        # A slash at its end is taken off, unless it is the whole of it.
        **({"sourceFolder": folder.removesuffix("/")} if len(folder) > 1 else {}),
        # Made from the policy of the owner group, whatever is sent.
        "classification": "IN=medium,AV=low,CO=low",
        "pid": body.get("pid") or generated,
        "_id": body.get("pid") or generated,
        "datasetlifecycle": _placed(
            {**_lifecycle(moment), **(body.get("datasetlifecycle") or {})}, _LIFECYCLE_ORDER
        ),
        "__v": 0,
    }
    return _placed(made, _ORDER)


def _technique(given: Document) -> Document:
    return {**{key: given[key] for key in ("pid", "name") if key in given}, "_id": _object_id()}


def _relationship(given: Document) -> Document:
    """Return a relationship with its defaults, as the database has it since v5.0.0."""
    defaults = {
        "identifierType": "Other",
        "relationship": "IsReferencedBy",
        "entityType": "Other",
    }
    return {"identifier": given.get("identifier"), **defaults, **given, "_id": _object_id()}


def _object_id() -> str:
    """Return an id of MongoDB: 24 hexadecimal digits."""
    return secrets.token_hex(12)


def _with_si_units(metadata: Document) -> Document:
    """Return metadata in which each quantity has its value in SI units beside its own.

    Names that begin with v and u are those of a value and of its unit.
    """
    made: Document = {}
    for key, each in metadata.items():
        made[key] = each
        if isinstance(each, Mapping):
            found = {
                name[0]: part for name, part in each.items() if not name.endswith("SI") and name
            }
            if "v" in found and found.get("u"):
                value, unit = in_si_units(found["v"], found["u"])
                made[key] = {**each, "valueSI": value, "unitSI": unit}
            else:
                made[key] = _with_si_units(dict(each))
    return made


def _placed(document: Document, order: tuple[str, ...]) -> Document:
    """Return a document with its keys in this order, and others behind them."""
    names = (*order, *(name for name in document if name not in order))
    return {name: document[name] for name in names if name in document}


def _zeroes() -> Document:
    names = ("size", "packedSize", "numberOfFiles", "numberOfFilesArchived")
    return dict.fromkeys(names, 0)


def current_names(body: Document, kind: object, *, creates: bool = True) -> Document:
    """Return a body of v3 with the names that a dataset is stored with.

    What v3 has one of is the only item of a list; a new dataset without it gets a null there.
    """
    names = _OBSOLETE if kind == "raw" else {"proposalId": "proposalIds"}
    if kind == "derived":
        names["investigator"] = "principalInvestigators"
    kept = {key: value for key, value in body.items() if key not in names}
    lists: Document = {
        many: [body.get(one)] for one, many in names.items() if creates or one in body
    }
    if creates and kind == "derived":
        lists = {**lists, "sampleIds": [], "instrumentIds": []}
    return {**kept, **lists}


def obsolete_names(dataset: Document) -> Document:
    """Return a stored dataset as v3 shows it: the first item of a list also by its own name."""
    firsts = {one: dataset[many][0] for one, many in _OBSOLETE.items() if dataset.get(many)}
    return {**dataset, **firsts}


def _lifecycle(moment: datetime) -> Document:
    return {
        "archivable": True,
        "retrievable": False,
        "publishable": False,
        "dateOfDiskPurging": moment.replace(),
        "publishedOn": moment.replace(),
        "isOnCentralDisk": True,
        "archiveStatusMessage": "datasetCreated",
        "retrieveStatusMessage": "",
        "retrieveIntegrityCheck": False,
        "_id": _object_id(),
        "archiveRetentionTime": moment.replace(),
        "dateOfPublishing": moment.replace(),
    }


def new_block(caller: RequestCaller, dataset: Document, body: Mapping[str, Any]) -> Document:
    """Return the document of a new origdatablock; groups are those of the dataset unless given."""
    moment = now()
    id_ = str(uuid.uuid4())
    return {
        "createdBy": caller.username,
        "updatedBy": caller.username,
        "createdAt": moment.replace(),
        "updatedAt": moment.replace(),
        "ownerGroup": body.get("ownerGroup") or dataset["ownerGroup"],
        "accessGroups": body.get("accessGroups") or dataset["accessGroups"],
        # Also of a published dataset, so that not everybody sees its files (observed v5.2.1).
        "isPublished": False,
        "_id": id_,
        "id": id_,
        "datasetId": dataset["pid"],
        "size": body["size"],
        "dataFileList": body["dataFileList"],
        "__v": 0,
    }
