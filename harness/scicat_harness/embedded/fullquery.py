"""The query language of full queries and facets: ``fields`` and ``limits``.

See specification: list.fullquery. Field names may be those of v3. A name that the job schema does
not have is an error if its value is neither an object nor a list.
"""

import re
from collections.abc import Mapping
from typing import Any

from scicat_harness.embedded.failures import rejection
from scicat_harness.embedded.filters import V3_NAMES
from scicat_harness.embedded.javascript import as_text, parse_json, parse_time
from scicat_harness.embedded.listing import Listing
from scicat_harness.embedded.store import DEFAULT_LIMIT

__all__ = ["DATE_FIELDS", "FACET_FIELDS", "limits_of", "parse_parameter", "where_of"]

DATE_FIELDS = frozenset({"createdAt", "updatedAt"})
_TEXT_FIELD_NAMES = """
_id id type ownerUser ownerGroup accessGroups contactEmail statusCode statusMessage
configVersion createdBy updatedBy
"""
_TEXT_FIELDS = frozenset(_TEXT_FIELD_NAMES.split())
FACET_FIELDS = (
    (_TEXT_FIELDS - {"_id"}) | DATE_FIELDS | {"isPublished", "jobParams", "jobResultObject"}
)
_OPERATORS = {"inq": "$in", "nin": "$nin", "neq": "$ne", "gt": "$gt", "lt": "$lt"}
_PLAIN_OPERATORS = {"gte": "$gte", "lte": "$lte", "eq": "$eq", "ne": "$ne", "in": "$in"}


def parse_parameter(text: str | None) -> Any:
    """Return the JSON value of a query parameter, ``{}`` without one; raise 400 for bad JSON."""
    if text is None:
        return {}
    try:
        return parse_json(text)
    except ValueError as error:
        raise rejection(f"SyntaxError: {error}") from None


def where_of(fields: object) -> dict[str, Any]:
    """Return the database query for a ``fields`` object; ``{}`` for any other value.

    Example: ``{"creationTime": {"begin": "2026-01-01"}}`` becomes ``{"$and": [{"createdAt":
    {"$gte": ...}}]}``. Raises HttpFailure: 400 for a simple value of a field that jobs lack.
    """
    if not isinstance(fields, Mapping):
        return {}
    clauses = [_clause(V3_NAMES.get(str(name), str(name)), value) for name, value in fields.items()]
    return {"$and": clauses} if clauses else {}


def limits_of(value: object, where: Mapping[str, Any]) -> Listing:
    """Return the listing for a ``limits`` object and a query.

    ``order`` is ``FIELD:asc`` or ``FIELD:desc``, by default ``createdAt:asc``; any other direction
    is ascending. Raises HttpFailure: 400 for a limit or skip that is no natural number.
    """
    limits = value if isinstance(value, Mapping) else {}
    name, _, direction = str(limits.get("order") or "createdAt:asc").partition(":")
    path = V3_NAMES.get(name, name)
    return Listing(
        where,
        ((path, direction != "desc"),),
        _count(limits.get("limit"), DEFAULT_LIMIT),
        _count(limits.get("skip"), 0),
    )


def _count(value: object, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise rejection(f"Invalid limit or skip: {as_text(value)}")
    return value


def _clause(name: str, value: Any) -> dict[str, Any]:
    # A query of the database, passed on unchecked.
    if name == "mode":
        return dict(value) if isinstance(value, Mapping) else {}
    if name == "text":
        # In place of the text index of MongoDB, which is not covered (specification: not-covered).
        pattern = {"$regex": "|".join(map(re.escape, str(value).split())), "$options": "i"}
        return {"$or": [{field: pattern} for field in sorted(_TEXT_FIELDS)]}
    # Only here texts become dates; elsewhere they never match one (specification: list.filter).
    if name in DATE_FIELDS or (isinstance(value, Mapping) and "begin" in value):
        return {name: _period(value)}
    if isinstance(value, list):
        return {name: {"$in": value}}
    if isinstance(value, Mapping):
        return {name: _mapped(value)}
    if name not in _TEXT_FIELDS and not isinstance(value, bool):
        # The error of JavaScript: the backend looks for a period in a value that is no object.
        raise rejection(f"Cannot use 'in' operator to search for 'begin' in {as_text(value)}")
    return {name: value}


def _period(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise rejection(f"Cannot use 'in' operator to search for 'begin' in {as_text(value)}")
    bounds = (("$gte", parse_time(value.get("begin"))), ("$lte", parse_time(value.get("end"))))
    return {operator: moment for operator, moment in bounds if moment}


def _mapped(value: Mapping[str, Any]) -> Any:
    """Return a condition with the operators of the database; any other object unchanged."""
    known = {**_OPERATORS, **_PLAIN_OPERATORS}
    if set(value) <= {"like", "ilike"} and value:
        name, pattern = next(iter(value.items()))
        return {"$regex": str(pattern), "$options": "i" if name == "ilike" else ""}
    if value and set(value) <= set(known):
        return {known[name]: operand for name, operand in value.items()}
    return dict(value)
