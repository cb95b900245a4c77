"""How scenarios state what a job document must show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["holds", "lacks", "value_at"]

Problems = Callable[[Any], list[str]]


def holds(fields: Mapping[str, Any]) -> Problems:
    """The document has these values; keys may be dotted, None also stands for absent."""

    def problems(document: Any) -> list[str]:
        return [
            f"{key} is {value_at(document, key)!r} instead of {wanted!r}"
            for key, wanted in fields.items()
            if value_at(document, key) != wanted
        ]

    return problems


def lacks(field: str) -> Problems:
    """The document has no such field."""

    def problems(document: Any) -> list[str]:
        return [f"shows {field}"] if not isinstance(document, dict) or field in document else []

    return problems


def value_at(document: Any, key: str) -> Any:
    """The value under a dotted key, None where there is none."""
    for part in key.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document
