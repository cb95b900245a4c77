"""Matchers: what the parsed reply of a request must show, for expectations written by hand.

Each makes a function that takes parsed JSON and yields differences:

    trial.get(USER1, job).must_answer(200, holds({"statusCode": "done"}), because="...")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Matcher

__all__ = [
    "has_keys",
    "has_rows",
    "hides",
    "holds",
    "is_of_form",
    "is_same_as",
    "lacks",
    "rows",
    "satisfies",
    "shows",
    "value_at",
]


def holds(fields: Mapping[str, Any]) -> Matcher:
    """The document has these values; keys may be dotted, None also stands for absent."""

    def match(document: Any) -> Iterator[Difference]:
        for key, wanted in fields.items():
            found = value_at(document, key)
            if found != wanted:
                yield Difference(f"reply.{key}", wanted, found)

    return match


def lacks(*fields: str) -> Matcher:
    """The document is an object, and has none of these fields."""

    def match(document: Any) -> Iterator[Difference]:
        if not isinstance(document, dict):
            yield Difference("reply", "an object", document)
            return
        for field in fields:
            if field in document:
                yield Difference(f"reply.{field}", None, document[field])

    return match


def has_keys(*keys: str) -> Matcher:
    """The document has these keys and no others."""

    def match(document: Any) -> Iterator[Difference]:
        found = sorted(document) if isinstance(document, dict) else document
        if found != sorted(keys):
            yield Difference("reply.keys", sorted(keys), found)

    return match


def is_of_form(**patterns: re.Pattern[str]) -> Matcher:
    """These fields match these patterns as a whole."""

    def match(document: Any) -> Iterator[Difference]:
        for key, pattern in patterns.items():
            found = value_at(document, key)
            if not pattern.fullmatch(str(found)):
                yield Difference(f"reply.{key}", f"of the form {pattern.pattern}", found)

    return match


def is_same_as(wanted: Any, seen: Callable[[Any], Any] = lambda document: document) -> Matcher:
    """The document, or what ``seen`` makes of it, is equal to this."""

    def match(document: Any) -> Iterator[Difference]:
        found = seen(document)
        if found != wanted:
            yield Difference("reply", wanted, found)

    return match


def satisfies(what: str, condition: Callable[[Any], bool]) -> Matcher:
    """The document fulfils a condition; ``what`` says which."""

    def match(document: Any) -> Iterator[Difference]:
        if not condition(document):
            yield Difference("reply", what, document)

    return match


def rows(key: str, *values: Any) -> Matcher:
    """The list has these values under a dotted key, row by row, in this order."""

    def match(reply: Any) -> Iterator[Difference]:
        found = [value_at(each, key) for each in reply] if isinstance(reply, list) else reply
        if found != list(values):
            yield Difference(f"reply.rows.{key}", list(values), found)

    return match


def has_rows(number: int) -> Matcher:
    """The list has so many rows."""

    def match(reply: Any) -> Iterator[Difference]:
        found = len(reply) if isinstance(reply, list) else reply
        if found != number:
            yield Difference("reply.rows", number, found)

    return match


def shows(*job_ids: str) -> Matcher:
    """The list has these jobs, perhaps among others."""
    return _listing(job_ids, shown=True)


def hides(*job_ids: str) -> Matcher:
    """The list has none of these jobs."""
    return _listing(job_ids, shown=False)


def _listing(job_ids: tuple[str, ...], *, shown: bool) -> Matcher:
    def match(reply: Any) -> Iterator[Difference]:
        found = {value_at(each, "id") for each in reply} if isinstance(reply, list) else None
        if found is None:
            yield Difference("reply", "a list of jobs", reply)
            return
        for job_id in job_ids:
            if (job_id in found) is not shown:
                yield Difference(f"reply.jobs.{job_id}", shown, not shown)

    return match


def value_at(document: Any, key: str) -> Any:
    """The value under a dotted key, None where there is none."""
    for part in key.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document
