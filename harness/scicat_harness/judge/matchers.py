"""Matchers of parsed replies, for expectations written by hand.

Each function returns a matcher, which takes parsed JSON and yields differences:

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
    """Match a document with these values; keys may be dotted, None also stands for absent.

    holds({"statusCode": "done", "jobResultObject.mark": "x", "ownerGroup": None})
    """

    def match(document: Any) -> Iterator[Difference]:
        # An unset field of a job is absent, never null (specification: job.document), so that
        # None need not distinguish the two.
        for key, wanted in fields.items():
            found = value_at(document, key)
            if found != wanted:
                yield Difference(f"reply.{key}", wanted, found)

    return match


def lacks(*fields: str) -> Matcher:
    """Match an object that has none of these fields, not even with the value null."""

    def match(document: Any) -> Iterator[Difference]:
        if not isinstance(document, dict):
            yield Difference("reply", "an object", document)
            return
        for field in fields:
            if field in document:
                yield Difference(f"reply.{field}", None, document[field])

    return match


def has_keys(*keys: str) -> Matcher:
    """Match an object that has these keys, in any order, and no others."""

    def match(document: Any) -> Iterator[Difference]:
        found = sorted(document) if isinstance(document, dict) else document
        if found != sorted(keys):
            yield Difference("reply.keys", sorted(keys), found)

    return match


def is_of_form(**patterns: re.Pattern[str]) -> Matcher:
    """Match a document whose fields match these patterns as a whole.

    Values that are no text are compared as Python writes them, a missing one as ``None``.
    """

    def match(document: Any) -> Iterator[Difference]:
        for key, pattern in patterns.items():
            found = value_at(document, key)
            if not pattern.fullmatch(str(found)):
                yield Difference(f"reply.{key}", f"of the form {pattern.pattern}", found)

    return match


def is_same_as(wanted: Any, seen: Callable[[Any], Any] = lambda document: document) -> Matcher:
    """Match a document for which ``seen(document)`` equals ``wanted``; by default itself.

    is_same_as(["a", "b"], seen=lambda document: sorted(document["groups"]))
    """

    def match(document: Any) -> Iterator[Difference]:
        found = seen(document)
        if found != wanted:
            yield Difference("reply", wanted, found)

    return match


def satisfies(what: str, condition: Callable[[Any], bool]) -> Matcher:
    """Match a document that fulfils a condition; ``what`` describes it in failures."""

    def match(document: Any) -> Iterator[Difference]:
        if not condition(document):
            yield Difference("reply", what, document)

    return match


def rows(key: str, *values: Any) -> Matcher:
    """Match a list with these values under a dotted key, row by row, in this order."""

    def match(reply: Any) -> Iterator[Difference]:
        found = [value_at(each, key) for each in reply] if isinstance(reply, list) else reply
        if found != list(values):
            yield Difference(f"reply.rows.{key}", list(values), found)

    return match


def has_rows(number: int) -> Matcher:
    """Match a list with this number of rows."""

    def match(reply: Any) -> Iterator[Difference]:
        found = len(reply) if isinstance(reply, list) else reply
        if found != number:
            yield Difference("reply.rows", number, found)

    return match


def shows(*job_ids: str) -> Matcher:
    """Match a list of jobs that contains these, perhaps among others."""
    return _listing(job_ids, shown=True)


def hides(*job_ids: str) -> Matcher:
    """Match a list of jobs that contains none of these; the reply must be a list."""
    return _listing(job_ids, shown=False)


def _listing(job_ids: tuple[str, ...], *, shown: bool) -> Matcher:
    def match(reply: Any) -> Iterator[Difference]:
        # An error must not pass as a list that hides the jobs.
        found = {value_at(each, "id") for each in reply} if isinstance(reply, list) else None
        if found is None:
            yield Difference("reply", "a list of jobs", reply)
            return
        for job_id in job_ids:
            if (job_id in found) is not shown:
                yield Difference(f"reply.jobs.{job_id}", shown, not shown)

    return match


def value_at(document: Any, key: str) -> Any:
    """Return the value under a dotted key, None where there is none.

    Only objects are entered: an index of a list is no key.
    """
    for part in key.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document
