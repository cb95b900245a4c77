"""Values on their way to JavaScript and back: JSON, and tags for what JSON has no word for.

Python knows two kinds of absence, JavaScript's ``undefined`` becomes None here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from math import isfinite
from typing import Any

__all__ = ["decoded", "encoded"]

_TAG = "$type"


def encoded(value: Any) -> Any:
    """A value as it travels; raises TypeError for what JavaScript has no such thing as."""
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
        case dict():
            made = {str(key): encoded(each) for key, each in value.items()}
            return _tagged("object", made) if _TAG in value else made
        case _:
            raise TypeError(f"JavaScript has no {type(value).__name__}")


def decoded(value: Any) -> Any:
    """The value that came back."""
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
    if value != value:
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
