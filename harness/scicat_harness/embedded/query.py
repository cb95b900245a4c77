"""Database queries: match documents against conditions as MongoDB does.

See specification: list.filter, for the operators of a ``where``, dotted paths through objects and
lists, and no conversion between text and dates. ``$type``, ``$size`` and ``$all`` are refused by
the check of the filter, but reach the database inside lists.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scicat_harness.embedded.failures import rejection

__all__ = ["matches", "rank", "values_at"]

_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "int": (int,),
    "double": (float,),
    "bool": (bool,),
    "object": (dict,),
    "array": (list,),
    "date": (datetime,),
    "null": (type(None),),
}


def matches(document: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Return whether a document satisfies a query.

    Example: ``matches(job, {"jobParams.n": {"$gt": 3}, "type": "archive"})``. Raises HttpFailure:
    400 for a query that the database refuses, such as an unknown operator.
    """
    return all(_clause(document, key, operand) for key, operand in where.items())


def values_at(node: object, path: str) -> list[Any]:
    """Return the values at a dotted path; a list on the way stands for each of its members.

    Example: ``values_at({"a": [{"b": 1}, {"b": 2}]}, "a.b")`` is ``[1, 2]``.
    """
    return _walk(node, path.split("."))


def rank(value: object) -> tuple[int, Any]:
    """Return a sort key that orders values of different types as the database does.

    Null, numbers, texts, objects, lists, booleans, dates.
    """
    if value is None:
        return (0, 0)
    # Before numbers, for in Python a bool is an int.
    if isinstance(value, bool):
        return (5, value)
    if isinstance(value, int | float):
        return (1, value)
    if isinstance(value, str):
        return (2, value)
    if isinstance(value, datetime):
        return (6, value)
    return (3 if isinstance(value, Mapping) else 4, str(value))


def _walk(node: object, parts: list[str]) -> list[Any]:
    if not parts:
        return [node]
    if isinstance(node, Mapping):
        return _walk(node[parts[0]], parts[1:]) if parts[0] in node else []
    if isinstance(node, list):
        found = [value for item in node if isinstance(item, dict) for value in _walk(item, parts)]
        # A number is an index, besides being a key of the members.
        if parts[0].isdecimal() and int(parts[0]) < len(node):
            found += _walk(node[int(parts[0])], parts[1:])
        return found
    return []


def _clause(document: Mapping[str, Any], key: str, operand: Any) -> bool:
    if key in ("$and", "$or", "$nor"):
        if not isinstance(operand, list) or not operand:
            raise rejection(f"{key} must be a nonempty array")
        if not all(isinstance(query, Mapping) for query in operand):
            raise rejection(f"{key} entries need to be full objects")
        # Evaluated to the end, so that a bad query is refused whatever the first ones match.
        results = [matches(document, query) for query in operand]
        return {"$and": all(results), "$or": any(results), "$nor": not any(results)}[key]
    if key.startswith("$"):
        raise rejection(f"unknown top level operator: {key}")
    return _satisfies(values_at(document, key), operand)


def _satisfies(found: list[Any], operand: Any) -> bool:
    if isinstance(operand, Mapping) and any(name.startswith("$") for name in operand):
        return all(_operator(found, name, operand) for name in operand)
    return _equals(found, operand)


def _operator(found: list[Any], name: str, operands: Mapping[str, Any]) -> bool:
    operand = operands[name]
    match name:
        case "$eq":
            return _equals(found, operand)
        case "$ne":
            return not _equals(found, operand)
        case "$in":
            return any(_equals(found, value) for value in _listed(name, operand))
        case "$nin":
            return not any(_equals(found, value) for value in _listed(name, operand))
        case "$gt" | "$gte" | "$lt" | "$lte":
            return any(_compares(value, name, operand) for value in _candidates(found))
        case "$exists":
            return bool(found) is bool(operand)
        case "$not":
            if not isinstance(operand, Mapping):
                raise rejection("$not needs a regex or a document")
            return not _satisfies(found, operand)
        case "$regex":
            pattern = _compiled(operand, operands.get("$options", ""))
            return any(
                isinstance(value, str) and pattern.search(value) for value in _candidates(found)
            )
        case "$options":
            if "$regex" not in operands:
                raise rejection("$options needs a $regex")
            return True
        case "$type":
            kinds = _TYPES.get(operand, ()) if isinstance(operand, str) else ()
            return any(isinstance(value, kinds) for value in _candidates(found))
        case "$size":
            return any(isinstance(value, list) and len(value) == operand for value in found)
        case "$all":
            return all(_equals(found, value) for value in _listed(name, operand))
        case _:
            raise rejection(f"unknown operator: {name}")


def _candidates(found: list[Any]) -> list[Any]:
    # A condition holds for a list if it holds for one of its members.
    members = [item for value in found if isinstance(value, list) for item in value]
    return [*found, *members]


def _equals(found: list[Any], operand: Any) -> bool:
    if operand is None and not found:
        return True
    return any(_same(value, operand) for value in _candidates(found))


def _same(value: object, operand: object) -> bool:
    # Python has True == 1; the database does not.
    if isinstance(value, bool) is not isinstance(operand, bool):
        return False
    return value == operand


def _compares(value: Any, name: str, operand: Any) -> bool:
    (kind, left), (other, right) = rank(value), rank(operand)
    # No conversion: a date is neither before nor after any text.
    if kind != other:
        return False
    return bool(
        {
            "$gt": left > right,
            "$gte": left >= right,
            "$lt": left < right,
            "$lte": left <= right,
        }[name]
    )


def _listed(name: str, operand: Any) -> list[Any]:
    if not isinstance(operand, list):
        raise rejection(f"{name} needs an array")
    return operand


def _compiled(pattern: object, options: object) -> re.Pattern[str]:
    if not isinstance(pattern, str) or not isinstance(options, str):
        raise rejection("$regex has to be a string")
    flags = re.RegexFlag(0)
    for letter in options:
        if letter not in _FLAGS:
            raise rejection(f"invalid flag in regex options: {letter}")
        flags |= _FLAGS[letter]
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise rejection(f"Regular expression is invalid: {error}") from None
