"""Values in the requests and answers of the engine: JSON, with tags for other types.

Dates, NaN and the infinities travel as ``{"$type": ..., "value": ...}``; ``values.js`` is the other
side. JavaScript's ``undefined`` becomes None here, as null does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from math import isfinite
from typing import Any

__all__ = ["Concealed", "decoded", "encoded"]

_TAG = "$type"


@dataclass(frozen=True, slots=True)
class Concealed:
    """A value whose members cannot be looked up; ``JSON.stringify`` shows them.

    It stands for a document of the database in a template (specification: templates.context).
    """

    value: Any


def encoded(value: Any) -> Any:
    """Return the JSON form of a value; raises TypeError for a type that JavaScript lacks.

    A date without a time zone is taken as UTC. Keys of mappings become texts.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if isfinite(value) else _tagged("number", _number(value))
        case datetime():
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
            return _tagged("date", moment.isoformat())
        case date():
            return _tagged("date", datetime.combine(value, time(), UTC).isoformat())
        case list() | tuple():
            return [encoded(each) for each in value]
        case Concealed():
            return _tagged("concealed", encoded(value.value))
        case dict():
            made = {str(key): encoded(each) for key, each in value.items()}
            # A mapping with a key $type of its own would be read as a tag.
            return _tagged("object", made) if _TAG in value else made
        case _:
            raise TypeError(f"JavaScript has no {type(value).__name__}")


def decoded(value: Any) -> Any:
    """Return the value of a JSON form; dates are ``datetime`` objects in UTC."""
    if isinstance(value, list):
        return [decoded(each) for each in value]
    if not isinstance(value, dict):
        return value
    match value.get(_TAG):
        case "undefined":
            return None
        case "date":
            return datetime.fromisoformat(value["value"].replace("Z", "+00:00"))
        case "number":
            return float(value["value"].replace("Infinity", "inf"))
        case "object":
            return {key: decoded(each) for key, each in value["value"].items()}
        case _:
            return {key: decoded(each) for key, each in value.items()}


def _tagged(kind: str, value: Any) -> dict[str, Any]:
    return {_TAG: kind, "value": value}


def _number(value: float) -> str:
    # NaN is unequal to itself.
    if value != value:
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
