"""Errors of pydantic as one line each, with file, key, value and reason."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

__all__ = ["described"]

_LONGEST = 60


def described(path: Path, error: ValidationError, tags: Collection[str] = ()) -> str:
    """Return a line for each error: ``FILE: KEY: REASON; found VALUE``.

    ``tags`` are the names of the members of a union, which are no part of a key.
    """
    lines = []
    places = [each["loc"] for each in error.errors()]
    for each in error.errors():
        # A list is too short for its wrong items are not counted; those have lines of their own.
        inside = any(place[: len(each["loc"])] == each["loc"] != place for place in places)
        if each["type"] == "too_short" and inside:
            continue
        # The location is empty for a check of the whole file.
        key = ".".join(str(part) for part in each["loc"] if part not in tags) or "(top level)"
        message = str(each["msg"]).removeprefix("Value error, ")
        # A value in the place of a secret's name may be the secret itself, and so may be a part of
        # a list or mapping.
        value = each["input"]
        hidden = "password" in key or "token" in key or isinstance(value, dict | list | tuple)
        found = "" if hidden else f"; found {_short(value)}"
        lines.append(f"{path}: {key}: {message}{found}")
    return "\n".join(lines)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
