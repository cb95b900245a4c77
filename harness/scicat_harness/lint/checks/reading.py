"""Values that js-yaml and PyYAML read differently, and a configuration without job types."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.finding import Finding, Place
from scicat_harness.lint.nodes import ShapeError, other_reading
from scicat_harness.lint.scalars import as_key
from scicat_harness.lint.subject import LintSubject, finding
from scicat_harness.lint.words import as_json, shown

__all__ = ["reading_findings"]

# PyYAML's error for a mapping as a key, as in {{ x }} without quotes.
_BRACES = "found unhashable key"


def reading_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield at most one finding about PyYAML, and one for an empty list of job types.

    The first difference in the order of the file is shown; the others often follow from it.
    """
    document = subject.document
    try:
        other = other_reading(document.text)
    except ShapeError as error:
        if error.reason == _BRACES:
            # The backend refuses such a key as well, so there is a startup error for it.
            return
        place = Place(document.file, error.line or 1, error.column or 1)
        sentence = f"js-yaml reads the file, PyYAML does not: {error.reason}"
        yield finding("yaml.read-otherwise", place, sentence)
    else:
        found = _difference(document.value, other, ())
        if found is not None:
            path, ours, theirs = found
            sentence = f"js-yaml reads {_shown(ours)} here, PyYAML {_shown(theirs)}"
            yield subject.at("yaml.read-otherwise", path, sentence)
    value = document.value
    if isinstance(value, dict) and value.get("jobs") == []:
        yield subject.at("config.no-types", ("jobs",), "jobs is empty: every job is refused")


def _difference(ours: Any, theirs: Any, path: KeyPath) -> tuple[KeyPath, Any, Any] | None:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        named = {_key(name): each for name, each in theirs.items()}
        for name, each in ours.items():
            if name not in named:
                other = next((n for n in named if n not in ours), None)
                return (*path, name), name, other
            found = _difference(each, named[name], (*path, name))
            if found:
                return found
        return None
    if isinstance(ours, list) and isinstance(theirs, list):
        pairs = enumerate(zip(ours, theirs, strict=False))
        each_found = (_difference(a, b, (*path, n)) for n, (a, b) in pairs)
        return next((each for each in each_found if each), None)
    return None if _same(ours, theirs) else (path, ours, theirs)


def _same(ours: Any, theirs: Any) -> bool:
    # PyYAML gives a date without a time of day for a timestamp without one.
    if isinstance(ours, datetime):
        return isinstance(theirs, date)
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    # NaN is unequal to itself.
    return bool(ours == theirs) or (ours != ours and theirs != theirs)


def _key(name: Any) -> str:
    return name if isinstance(name, str) else as_key(name)


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return shown(str(value) if isinstance(value, date) else as_json(value))
