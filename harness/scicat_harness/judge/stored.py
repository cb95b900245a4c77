"""The stored job: what must carry a request, against what does."""

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
"""The owner fields of a v4 document, and those of StoredJob."""
_OWNERS_OF_V3 = {"emailJobInitiator": "contact_email"}


def stored_differences(
    expected: StoredExpectation | None, stored: Sequence[Document], values: Values
) -> Iterator[Difference]:
    """In what the jobs that carry a request are not the one that is expected, or none."""
    if expected is None:
        yield from (Difference("stored", None, _named(each)) for each in stored)
        return
    if len(stored) != 1:
        yield Difference("stored", 1, len(stored))
        return
    (document,) = stored
    if expected.job_id is not None and document.get("id") != expected.job_id:
        yield Difference("stored.id", expected.job_id, _named(document))
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
    if any(found.get(key) != value for key, value in expected.result.items()):
        yield Difference("stored.jobResultObject", expected.result, result)


def field_differences(wanted: Mapping[str, Any], document: Document) -> Iterator[Difference]:
    """In which of these fields a document has another value."""
    for key, value in wanted.items():
        if document.get(key) != value:
            yield Difference(key, value, document.get(key))


def owner_differences(
    job: StoredJob, document: Document, api: Api = Api.V4, values: Values | None = None
) -> Iterator[Difference]:
    """In which owner fields a job document differs; v3 documents show the contact only."""
    for key, name in (OWNERS if api is Api.V4 else _OWNERS_OF_V3).items():
        allowed: frozenset[Any] = getattr(job, name)
        if values is not None:
            allowed = frozenset(values.plain(each) for each in allowed)
        # v3 leaves out what is empty.
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
