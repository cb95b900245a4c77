"""The ``filter`` parameter of job endpoints: parse it and check its keys.

See specification: list.filter. Keys are checked in objects only; those inside lists reach the
database unchecked.
"""

from collections.abc import Iterator
from typing import Any

from scicat_harness.embedded.failures import crash, denial
from scicat_harness.embedded.javascript import parse_json

__all__ = ["LIST_V3", "LIST_V4", "READ_V4", "V3_NAMES", "check_include", "parse_filter"]

_JOB_KEYS_TEXT = """
type jobParams ownerUser ownerGroup contactEmail id statusCode statusMessage configVersion
jobResultObject createdBy updatedBy createdAt updatedAt
"""
_JOB_KEYS = frozenset(_JOB_KEYS_TEXT.split())
_OPERATORS_TEXT = """
$in $or $and $nor $match $eq $gt $gte $lt $lte $ne $nin $not $exists $regex $options
"""
_OPERATORS = frozenset(_OPERATORS_TEXT.split())
# Below these every key is allowed.
_FREE = frozenset({"jobParams", "jobResultObject"})

V3_NAMES = {
    "emailJobInitiator": "contactEmail",
    "creationTime": "createdAt",
    "jobStatusMessage": "statusCode",
    "executionTime": "jobParams.executionTime",
    "datasetList": "jobParams.datasetList",
}
"""The v4 names of v3 job fields; names that are not listed are the same."""

LIST_V4 = (
    _JOB_KEYS
    | _OPERATORS
    | frozenset({"where", "fields", "include", "limits", "limit", "skip", "sort"})
)
# Contrary to the documentation, v3 lists refuse where and limits (specification: v3.read).
LIST_V3 = frozenset({"fields", "include"})
READ_V4 = frozenset({"fields", "include"})


def parse_filter(text: str | None, allowed: frozenset[str]) -> dict[str, Any]:
    """Return the checked filter of a query parameter, ``{}`` without one.

    ``allowed`` are the keys that the endpoint knows. Raises HttpFailure: 400 for bad JSON and for
    keys that are not allowed, 500 for ``null``. Numbers and lists are no filter.
    """
    if text is None:
        return {}
    try:
        value = parse_json(text)
    except ValueError as error:
        raise denial(400, f"Invalid JSON in filter: {error}") from None
    if value is None:
        raise crash()
    if not isinstance(value, dict):
        return {}
    for path in _paths(value):
        if not _is_allowed(path, allowed):
            raise denial(400, f"Property {path} should not exist in the filter object")
    check_include(value)
    return value


def check_include(value: dict[str, Any]) -> None:
    """Raise 400 unless ``include`` is one name, or ``datasets`` and ``all``.

    One unknown name is accepted and adds nothing (specification: list.include).
    """
    if "include" not in value:
        return
    include = value["include"]
    usable = isinstance(include, list) and (
        len(include) == 1 or set(map(str, include)) == {"datasets", "all"}
    )
    if not usable:
        raise denial(
            400,
            "The 'include' filter must contain 'datasets' — other relations are nested in it.",
        )


def _paths(node: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in node.items():
        path = f"{prefix}{key}"
        # Lists are not searched, as in the real backend; an empty object is a leaf.
        if isinstance(value, dict) and value:
            yield from _paths(value, f"{path}.")
        else:
            yield path


def _is_allowed(path: str, allowed: frozenset[str]) -> bool:
    for part in path.split("."):
        if part not in allowed:
            return False
        if part in _FREE:
            return True
    return True
