"""Comparison of the expected stored job with the jobs that carry a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scicat_harness.model.difference import Difference, one_of
from scicat_harness.model.expectation import StoredExpectation
from scicat_harness.model.observation import Values
from scicat_harness.model.outcome import StoredJob
from scicat_harness.model.request import Api

__all__ = ["OWNERS", "field_differences", "owner_differences", "stored_differences"]

Document = Mapping[str, Any]
OWNERS = {"ownerUser": "owner_user", "ownerGroup": "owner_group", "contactEmail": "contact_email"}
"""The owner fields of a v4 document, and the fields of StoredJob for them."""
_OWNERS_OF_V3 = {"emailJobInitiator": "contact_email"}


def stored_differences(
    expected: StoredExpectation | None, stored: Sequence[Document], values: Values
) -> Iterator[Difference]:
    """Yield the differences between the expected stored job and those that carry a request.

    With None expected every stored job is a difference. Paths are ``stored`` (the number of jobs),
    ``stored.id`` and ``stored.FIELD``.
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
    pids = _listed_pids(document)
    if expected.pids is not None and pids != expected.pids:
        yield Difference("stored.datasetList", expected.pids, pids)
    result = document.get("jobResultObject")
    found = result if isinstance(result, Mapping) else {}
    # Other members are not compared: a merge patch keeps them (specification: update.merge-patch).
    if any(found.get(key) != value for key, value in expected.result.items()):
        yield Difference("stored.jobResultObject", expected.result, result)


def field_differences(wanted: Mapping[str, Any], document: Document) -> Iterator[Difference]:
    """Yield a difference for each of these fields that has another value in the document."""
    for key, value in wanted.items():
        if document.get(key) != value:
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


def _listed_pids(document: Document) -> tuple[str, ...]:
    params = document.get("jobParams")
    listed = params.get("datasetList") if isinstance(params, Mapping) else None
    if not isinstance(listed, list):
        return ()
    return tuple(str(each.get("pid")) for each in listed if isinstance(each, Mapping))


def _named(document: Document) -> str:
    return f"{document.get('id')} (type {document.get('type')!r})"
