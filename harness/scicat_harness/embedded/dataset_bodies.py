"""Request bodies of datasets and origdatablocks: their validation.

See specification: datasets, for required keys of each version and shapes of validation errors.
"""

import re

from scicat_harness.embedded.failures import HttpFailure, denial, field_errors
from scicat_harness.embedded.javascript import parse_time, stringify
from scicat_harness.embedded.store import Document

__all__ = ["TIMES", "check_dataset", "check_files", "check_patch", "check_pid"]

_COMMON = ("ownerGroup", "contactEmail", "sourceFolder", "creationTime")
_REQUIRED_V3 = {
    "raw": ("owner", *_COMMON, "creationLocation", "principalInvestigator"),
    "derived": ("owner", *_COMMON, "investigator", "inputDatasets", "usedSoftware"),
}
# v4 needs an owner, too, but its validation does not know: see check_dataset.
_REQUIRED_V4 = (*_COMMON, "datasetName")
_LISTS_TEXT = """
accessGroups inputDatasets usedSoftware keywords sharedWith techniques relationships
principalInvestigators proposalIds sampleIds instrumentIds
"""
_LISTS = frozenset(_LISTS_TEXT.split())
_BOOLEANS = frozenset({"isPublished"})
_OBJECTS = frozenset(
    {"datasetlifecycle", "scientificMetadata", "jobParameters", "dataQualityMetrics"}
)
_NUMBERS = frozenset(
    ["size", "packedSize", "numberOfFiles", "numberOfFilesArchived", "dataQualityMetrics"]
)
TIMES = frozenset({"creationTime", "endTime", "startTime"})
_TEXTS_TEXT = """
pid type owner ownerGroup instrumentGroup ownerEmail orcidOfOwner contactEmail sourceFolder
sourceFolderHost validationStatus description datasetName classification license comment
principalInvestigator creationLocation dataFormat proposalId sampleId instrumentId investigator
jobLogData runNumber scientificMetadataSchema
"""
_TEXTS = frozenset(_TEXTS_TEXT.split())
# The constraint that v3 names in an error, by the last word of its message.
_CONSTRAINTS = {
    "string": "isString",
    "array": "isArray",
    "value": "isBoolean",
    "number": "isNumber",
    "object": "isObject",
    "exist": "whitelistValidation",
}
_KNOWN = _LISTS | _BOOLEANS | _OBJECTS | _NUMBERS | TIMES | _TEXTS
_OF_V4 = frozenset({"principalInvestigators", "proposalIds", "sampleIds", "instrumentIds"})


def check_dataset(body: Document, version: int) -> None:
    """Validate the body of a new dataset for an API version, 3 or 4.

    Raises HttpFailure: 400 with all errors (JSON text in ``message`` on v3, a list on v4), and on
    v4 500 without an owner.
    """
    if version == 3:
        required = _REQUIRED_V3.get(str(body.get("type")), ())
        kinds_known = body.get("type") in _REQUIRED_V3
        errors = [] if kinds_known else [("type", "type must be one of: raw, derived")]
    else:
        required = _REQUIRED_V4
        kinds_known = body.get("type") in ("raw", "derived", "custom")
        errors = [] if kinds_known else [("type", "type must be one of: raw, derived, custom")]
    _raise_errors([*_unknown(body, version), *errors, *_mistyped(body, required)], version)
    # Validation passes and the create fails later, with a body of a shape of its own.
    if version == 4 and not body.get("owner"):
        raise HttpFailure(
            500, {"message": "Something went wrong. Please try again later.", "statusCode": 500}
        )


def check_patch(body: Document, version: int) -> None:
    """Validate the body of a change to a dataset; raise 400 with all errors."""
    _raise_errors([*_unknown(body, version), *_mistyped(body, ())], version)


def check_pid(body: Document, pattern: str | None) -> None:
    """Raise 400 for a supplied pid that does not match the configured pattern.

    ``pattern`` is None unless ``DATASET_CREATION_VALIDATION_ENABLED`` is set. It may match
    anywhere in the pid.
    """
    pid = body.get("pid")
    if pid and pattern and not re.search(pattern, pid):
        raise denial(400, "Dataset pid is not following required standard")


def check_files(body: Document, version: int) -> None:
    """Validate the body of an origdatablock; raise 400 with all errors.

    ``size`` is a number, ``dataFileList`` a list of objects with ``path``, ``size`` and ``time``.
    """
    errors = []
    if not _is_number(body.get("size")):
        errors.append(("size", "size must be an integer number"))
    files = body.get("dataFileList")
    if not isinstance(files, list):
        errors.append(("dataFileList", "dataFileList must be an array"))
    elif not all(_is_file(file) for file in files):
        errors.append(("dataFileList", "each file needs path, size and time"))
    _raise_errors(errors, version)


def _is_file(file: object) -> bool:
    return (
        isinstance(file, dict)
        and isinstance(file.get("path"), str)
        and _is_number(file.get("size"))
        and parse_time(file.get("time")) is not None
    )


def _is_number(value: object) -> bool:
    # In Python a bool is an int; in JSON it is no number.
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unknown(body: Document, version: int) -> list[tuple[str, str]]:
    known = _KNOWN - _OF_V4 if version == 3 else _KNOWN
    return [(key, f"property {key} should not exist") for key in body if key not in known]


def _mistyped(body: Document, required: tuple[str, ...]) -> list[tuple[str, str]]:
    names = (*required, *(key for key in body if key in _KNOWN and key not in required))
    expected = ((name, _expected(name, body.get(name))) for name in names)
    return [
        (name, f"{name} must be {kind}")
        for name, kind in expected
        # An optional field may be null.
        if kind and (name in required or body.get(name) is not None)
    ]


def _expected(name: str, value: object) -> str:
    """Return the kind of value that the field needs, "" if it has one."""
    if name in _LISTS:
        fits, kind = isinstance(value, list), "an array"
    elif name in _BOOLEANS:
        fits, kind = isinstance(value, bool), "a boolean value"
    elif name in _NUMBERS:
        fits, kind = _is_number(value), "a number"
    elif name in _OBJECTS:
        fits, kind = isinstance(value, dict), "an object"
    elif name in TIMES:
        fits, kind = parse_time(value) is not None, "a valid ISO 8601 date string"
    else:
        fits, kind = isinstance(value, str), "a string"
    return "" if fits else kind


def _raise_errors(errors: list[tuple[str, str]], version: int) -> None:
    if not errors:
        return
    if version == 4:
        raise field_errors([message for _, message in errors])
    listed = [
        {
            "property": name,
            "constraints": {_CONSTRAINTS.get(message.split(" ")[-1], "isIn"): message},
        }
        for name, message in errors
    ]
    raise HttpFailure(400, {"status": 400, "message": stringify(listed)})
