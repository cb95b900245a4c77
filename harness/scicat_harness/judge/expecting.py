"""What a prediction of the oracle means for one request, as an expectation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.judging import Expected
from scicat_harness.judge.stored import owner_differences
from scicat_harness.judge.views import ListView
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation, StoredExpectation
from scicat_harness.model.identity import Identity, Token
from scicat_harness.model.outcome import Decision
from scicat_harness.model.request import Api, JobOwnership, UpdateRequest
from scicat_harness.oracle.predict import Prediction
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

_NOBODIES = frozenset(
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
    """The same request under both readings; ``reading`` is the one that this run is held to."""

    observed: Expectation
    documented: Expectation
    reading: Reading

    def expected(self, entry: str = "") -> Expected:
        """What the run is held to; ``entry`` is the deviation that a check is made to show."""
        if self.reading is Reading.DOCUMENTED:
            return Expected(self.documented)
        if entry or self.observed.promise != self.documented.promise:
            return Expected(self.observed, self.documented, entry)
        return Expected(self.observed)


def expectation_of(prediction: Prediction) -> Expectation:
    """What a prediction says of the reply and the effects, of any request."""
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
    pids: tuple[str, ...],
) -> Expectation:
    """A create: what its reply shows, and which job is stored with these fields and datasets.

    Only a client that is told of success learns the id.
    """
    found = expectation_of(prediction)
    job = prediction.job
    if job is None:
        return found
    told = reply.json if 200 <= reply.status < 300 else None
    job_id = told.get("id") if isinstance(told, dict) else None
    stored = StoredExpectation(job, job_id, fields, pids=pids)
    if prediction.decision is not Decision.ALLOW:
        return replace(found, stored=stored)

    def document(shown: Any) -> Iterator[Difference]:
        if not isinstance(shown, dict) or "id" not in shown:
            yield Difference("reply", "a job document", shown)
            return
        yield from (each.below("reply") for each in owner_differences(job, shown, api))

    return replace(found, stored=stored, document=document)


def of_update(
    prediction: Prediction,
    identity: Identity,
    request: UpdateRequest,
    job_id: str,
    correlation: str,
    unchanged: Mapping[str, Any],
) -> Expectation:
    """An update: what is written; ``unchanged`` are fields that it must leave alone."""
    found = expectation_of(prediction)
    if not prediction.written:
        return found
    code = request.status or correlation
    fields = {
        "statusCode": code,
        "statusMessage": code if request.api is Api.V3 else correlation,
        "updatedBy": "anonymous" if identity.token in _NOBODIES else identity.name,
        **unchanged,
    }
    result = {"mark": correlation, **request.result}
    return replace(found, stored=StoredExpectation(None, job_id, fields, result))


def of_read(prediction: Prediction, job_id: str) -> Expectation:
    """A read: whoever may is shown that job."""
    found = expectation_of(prediction)
    if prediction.decision is not Decision.ALLOW:
        return found

    def document(shown: Any) -> Iterator[Difference]:
        shown_id = shown.get("id") if isinstance(shown, dict) else None
        if shown_id != job_id:
            yield Difference("reply.id", job_id, shown_id)

    return replace(found, document=document)


def of_delete(prediction: Prediction, job: JobOwnership | None) -> Expectation:
    """A delete: the job is gone if, and only if, it is permitted."""
    found = expectation_of(prediction)
    if job is None:
        return found
    return replace(found, exists=prediction.decision is not Decision.ALLOW)


def of_list(prediction: Prediction, view: ListView, job: JobOwnership, job_id: str) -> Expectation:
    """A list: it shows the job to whoever may see it."""
    found = expectation_of(prediction)
    if prediction.visible is None:
        return found

    def document(shown: Any) -> Iterator[Difference]:
        if view.finds(shown, job, job_id) is None:
            yield Difference("reply", "a list of jobs", shown)

    return replace(found, document=document)
