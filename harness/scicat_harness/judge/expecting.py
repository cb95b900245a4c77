"""Expectations of one request, made of the predictions of the oracle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.judging import Expected
from scicat_harness.judge.stored import owner_differences, shown_differences
from scicat_harness.judge.views import ListView, list_differences
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation, StoredExpectation
from scicat_harness.model.identity import Identity, Token
from scicat_harness.model.outcome import Decision
from scicat_harness.model.release import CURRENT, V3_STATUS_KEPT, Release
from scicat_harness.model.request import Api, JobOwnership, PatchForm, UpdateRequest
from scicat_harness.oracle.document import OF_THE_SERVER, updated
from scicat_harness.oracle.predict import Prediction
from scicat_harness.oracle.replies import form_of
from scicat_harness.oracle.rule import Reading

__all__ = [
    "Readings",
    "expectation_of",
    "of_create",
    "of_delete",
    "of_list",
    "of_read",
    "of_update",
]

# Tokens whose callers are shown as ``anonymous`` in the job (specification: token). Since v5.2.0
# an expired one is refused, and updates nothing.
_ANONYMOUS = frozenset(
    {
        Token.NONE,
        Token.GARBAGE,
        Token.FOREIGN_SIGNATURE,
        Token.ANONYMOUS_JWT,
        Token.EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class Readings:
    """The expectations of a request by both readings; ``reading`` is the one of this run."""

    observed: Expectation
    documented: Expectation
    reading: Reading

    def expected(self, entry: str = "") -> Expected:
        """Return the expectation that counts, with the promise where the two readings differ.

        ``entry`` is the ledger entry of the deviation that a hand-written check is to show.
        """
        # Held to the documentation there are no known deviations, and so no ledger.
        if self.reading is Reading.DOCUMENTED:
            return Expected(self.documented)
        if entry or self.observed.promise != self.documented.promise:
            return Expected(self.observed, self.documented, entry)
        return Expected(self.observed)


def expectation_of(prediction: Prediction) -> Expectation:
    """Return the expectation of reply and effects that a prediction of any request implies.

    The stored job and the document of the reply depend on the operation: ``of_create`` and so on.
    """
    return Expectation(
        decision=prediction.decision,
        status=prediction.reply.status,
        message=prediction.reply.message,
        deciding=prediction.deciding,
        sentence=prediction.sentence,
        rules=prediction.rules,
        effects=prediction.effects,
        written=prediction.written,
        visible=prediction.visible,
        dies=prediction.dies,
        promise=prediction.promise(),
    )


def of_create(
    prediction: Prediction,
    reply: Exchange,
    api: Api,
    fields: Mapping[str, Any],
    release: Release = CURRENT,
) -> Expectation:
    """Return the expectation of a create: reply and stored job with exactly these fields.

    ``fields`` are those of the stored document besides its owners, id and times. The id of the
    stored job is known only from a reply of success.
    """
    found = expectation_of(prediction)
    job = prediction.job
    if job is None:
        return found
    # The contact of a job that has no marks carries the token of its request.
    contacts = (
        each and each.replace("$token", reply.correlation or "") for each in job.contact_email
    )
    job = replace(job, contact_email=frozenset(contacts))
    created = reply.json if 200 <= reply.status < 300 else None
    job_id = created.get("id") if isinstance(created, dict) else None
    fields = {**OF_THE_SERVER, **fields, "updatedBy": job.created_by}
    stored = StoredExpectation(job, job_id, fields, whole=True)
    # An action that fails while performing refuses the request, but the job is stored by then
    # (specification: actions.failures).
    if prediction.decision is not Decision.ALLOW:
        return replace(found, stored=stored)

    def document(shown: Any) -> Iterator[Difference]:
        if not isinstance(shown, dict) or "id" not in shown:
            yield Difference("reply", "a job document", shown)
            return
        yield from (each.below("reply") for each in owner_differences(job, shown, api))

    return replace(found, stored=stored, document=document, shows=form_of(api, release))


def of_update(
    prediction: Prediction,
    identity: Identity,
    request: UpdateRequest,
    body: Mapping[str, Any],
    before: Mapping[str, Any],
    *,
    whole: bool,
    release: Release = CURRENT,
) -> Expectation:
    """Return the expectation of an update of the job with the document ``before``.

    ``body`` is that of the request. ``before`` may have some of the fields only, which the update
    must keep; it is ``whole`` otherwise, and the job must have exactly its fields afterwards.
    """
    found = expectation_of(prediction)
    if not prediction.written:
        return replace(found, keeps=before) if whole else found
    updated_by = "anonymous" if identity.token in _ANONYMOUS else identity.name
    merges = request.form is PatchForm.MERGE
    # v3 drops what it does not know since it requires no status (specification: v3.update).
    drops_v4 = request.api is Api.V3 and release >= V3_STATUS_KEPT
    fields = updated(before, body, merges=merges, updated_by=updated_by, drops_v4=drops_v4)
    # The request sets this time; the job of an update has the id of the request.
    fields.pop("updatedAt", None)
    if merges and not whole:
        # What it is merged into is not known.
        fields.pop("jobResultObject", None)
    stored = StoredExpectation(None, before.get("id"), fields, whole=whole)
    shows = form_of(request.api, release) if prediction.decision is Decision.ALLOW else None
    return replace(found, stored=stored, shows=shows)


def of_read(prediction: Prediction, job_id: str, wanted: Mapping[str, Any] | None) -> Expectation:
    """Return the expectation of a read; a permitted one shows the job with that id.

    ``wanted`` is the document that it shows; None where only the id is known.
    """
    found = expectation_of(prediction)
    if prediction.decision is not Decision.ALLOW:
        return found

    def document(shown: Any) -> Iterator[Difference]:
        shown_id = shown.get("id") if isinstance(shown, dict) else None
        if shown_id != job_id:
            yield Difference("reply.id", job_id, shown_id)
        elif wanted is not None:
            yield from (each.below("reply") for each in shown_differences(wanted, shown))

    return replace(found, document=document)


def of_delete(
    prediction: Prediction, job: JobOwnership | None, wanted: Mapping[str, Any] | None = None
) -> Expectation:
    """Return the expectation of a delete: the job is gone if, and only if, it is permitted.

    ``job`` is None for an id that no job has. ``wanted`` is the document that a permitted one
    shows, None where it is not known.
    """
    found = expectation_of(prediction)
    if job is None:
        return found
    if prediction.decision is not Decision.ALLOW:
        return replace(found, exists=True)

    def document(shown: Any) -> Iterator[Difference]:
        if wanted is None:
            return
        if not isinstance(shown, dict):
            yield Difference("reply", "a job document", shown)
            return
        yield from (each.below("reply") for each in shown_differences(wanted, shown))

    return replace(found, exists=False, document=document)


def of_list(
    prediction: Prediction,
    view: ListView,
    job_id: str,
    known: Mapping[str, Mapping[str, Any]],
    pids: Sequence[str],
    release: Release = CURRENT,
) -> Expectation:
    """Return the expectation of a list that shows a job, or must not show it.

    ``known`` are the documents of all jobs that it may show, ``pids`` the datasets of the job that
    the caller may read (``list_differences``).
    """
    found = expectation_of(prediction)
    # None: the endpoint refuses, so there is no list to search.
    if prediction.visible is None:
        return found

    form = form_of(view.api, release)

    def document(shown: Any) -> Iterator[Difference]:
        rows = view.rows(shown)
        if rows is None:
            yield Difference("reply", "a list of jobs", shown)
        else:
            yield from list_differences(view, rows, job_id, known, pids, form)

    return replace(found, document=document)
