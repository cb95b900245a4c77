"""Comparison of the expected stored job with the jobs that carry a request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from scicat_harness.model.difference import Difference, one_of
from scicat_harness.model.expectation import StoredExpectation
from scicat_harness.model.observation import Values
from scicat_harness.model.outcome import StoredJob
from scicat_harness.model.request import Api
from scicat_harness.oracle.document import FIELDS

__all__ = [
    "OWNERS",
    "field_differences",
    "is_in",
    "kept_differences",
    "owner_differences",
    "seconds_of",
    "shown_differences",
    "stored_differences",
]

Document = Mapping[str, Any]
Span = tuple[float, float] | None
# Documents have whole milliseconds, and the clocks of two processes are read one after the other.
_ROUNDING = 0.005
_LOST = re.compile("[\ud800-\udfff\ufffd]+")
OWNERS = {"ownerUser": "owner_user", "ownerGroup": "owner_group", "contactEmail": "contact_email"}
"""The owner fields of a v4 document, and the fields of StoredJob for them."""
_OWNERS_OF_V3 = {"emailJobInitiator": "contact_email"}


def stored_differences(
    expected: StoredExpectation | None,
    stored: Sequence[Document],
    values: Values,
    span: Span = None,
) -> Iterator[Difference]:
    """Yield the differences between the expected stored job and those that carry a request.

    With None expected every stored job is a difference. ``span`` is the time of the request
    (``Observation.span``). Paths are ``stored`` (the number of jobs), ``stored.id`` and
    ``stored.FIELD``.
    """
    if expected is None:
        yield from (Difference("stored", None, _named(each)) for each in stored)
        return
    if len(stored) != 1:
        yield Difference("stored", 1, len(stored))
        return
    (document,) = stored
    if expected.job_id is not None and document.get("id") != expected.job_id:
        yield Difference("stored.id", expected.job_id, _named(document))
        # The fields of another job say nothing.
        return
    if expected.owners is not None:
        for each in owner_differences(expected.owners, document, values=values):
            yield each.below("stored")
    for each in field_differences(expected.fields, document):
        yield each.below("stored")
    if expected.whole:
        yield from (each.below("stored") for each in _server_differences(document, span))


def _server_differences(document: Document, span: Span) -> Iterator[Difference]:
    """Yield fields that no job has, and wrong values of those that the server fills in."""
    for key in document:
        if key not in FIELDS or document[key] is None:
            yield Difference(key, None, document[key])
    if document.get("_id") != document.get("id"):
        yield Difference("_id", document.get("id"), document.get("_id"))
    if span is not None and not is_in(document.get("updatedAt"), span):
        yield Difference("updatedAt", "the time of the request", document.get("updatedAt"))


def kept_differences(
    before: Document, after: Document | None, span: Span = None
) -> Iterator[Difference]:
    """Yield the fields of a job that a request changed, although it may change nothing.

    Paths are ``kept`` (the job is gone) and ``kept.FIELD``. A job that was changed at another time
    than ``span`` was changed by another request.
    """
    if after is None:
        yield Difference("kept", before.get("id"), None)
        return
    changed_at = after.get("updatedAt")
    if changed_at != before.get("updatedAt") and span is not None and not is_in(changed_at, span):
        return
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield Difference(f"kept.{key}", before.get(key), after.get(key))


def shown_differences(wanted: Document, shown: Document) -> Iterator[Difference]:
    """Yield the fields in which a document of a reply differs from what it must show."""
    # Whether v3 leaves out empty values depends on the release, and says nothing.
    found = {key: each for key, each in shown.items() if each or key in wanted}
    for key in sorted(wanted.keys() | found.keys()):
        if not _alike(wanted.get(key), found.get(key)):
            yield Difference(key, wanted.get(key), found.get(key))


def _alike(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal, apart from halves of surrogate pairs.

    A database cannot store such a half; replies and documents show replacement characters for it.
    """
    return bool(one == other) or _LOST.sub("\ufffd", _json(one)) == _LOST.sub(
        "\ufffd", _json(other)
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def seconds_of(time: Any) -> float | None:
    """Return a time of a document in seconds since the epoch; None for what is no time."""
    try:
        return datetime.fromisoformat(str(time)).timestamp()
    except ValueError:
        return None


def is_in(time: Any, span: tuple[float, float]) -> bool:
    """Return whether a time of a document, with milliseconds, lies in a span of seconds."""
    at, (earliest, latest) = seconds_of(time), span
    return at is not None and earliest - _ROUNDING <= at <= latest + _ROUNDING


def field_differences(wanted: Mapping[str, Any], document: Document) -> Iterator[Difference]:
    """Yield a difference for each of these fields that has another value in the document."""
    for key, value in wanted.items():
        if not _alike(value, document.get(key)):
            yield Difference(key, value, document.get(key))


def owner_differences(
    job: StoredJob, document: Document, api: Api = Api.V4, values: Values | None = None
) -> Iterator[Difference]:
    """Yield the differences in owner fields and ``createdBy`` of a job document.

    A field matches any of its acceptable values. v3 documents show the contact only.
    """
    for key, name in (OWNERS if api is Api.V4 else _OWNERS_OF_V3).items():
        allowed: frozenset[Any] = getattr(job, name)
        if values is not None:
            allowed = frozenset(values.plain(each) for each in allowed)
        # v3 leaves out empty values (specification: v3.read).
        accepted = allowed | {None} if api is Api.V3 and "" in allowed else allowed
        if document.get(key) not in tuple(accepted):  # which may be no hashable value
            yield Difference(key, one_of(allowed), document.get(key))
    if api is Api.V4 and document.get("createdBy") != job.created_by:
        yield Difference("createdBy", job.created_by, document.get("createdBy"))


def _named(document: Document) -> str:
    return f"{document.get('id')} (type {document.get('type')!r})"
