"""Claims: what a prediction says will be stored, in the terms of one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.desk import Desk
from scicat_harness.judge.settle import Claim, Created, Untouched, Updated
from scicat_harness.model.identity import Identity, Token
from scicat_harness.model.outcome import Decision
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, UpdateRequest
from scicat_harness.oracle.predict import Prediction

__all__ = ["create_claim", "existence_problems", "update_claim"]

_NOBODIES = frozenset(
    {
        Token.NONE,
        Token.GARBAGE,
        Token.FOREIGN_SIGNATURE,
        Token.ANONYMOUS_JWT,
        Token.EXPIRED,
    }
)


def create_claim(
    desk: Desk, prediction: Prediction, request: CreateRequest, exchange: Exchange
) -> Claim:
    """What a create leaves; only a client that is told of success learns the id."""
    correlation = exchange.correlation or ""
    if prediction.job is None:
        return Untouched(correlation)
    pids = tuple(desk.stage.pids[alias] for alias in request.datasets.aliases)
    told = exchange.json if 200 <= exchange.status < 300 else {}
    fields = desk.new_job_fields(request)
    return Created(correlation, told.get("id"), prediction.job, fields, pids)


def update_claim(
    identity: Identity,
    request: UpdateRequest,
    job_id: str,
    correlation: str,
    unchanged: Mapping[str, Any],
) -> Claim:
    """What an update that is written leaves; ``unchanged`` is what it must leave alone."""
    return Updated(
        correlation,
        job_id,
        "anonymous" if identity.token in _NOBODIES else identity.name,
        unchanged,
        request.status,
        request.result,
        spoken_v3=request.api is Api.V3,
    )


def existence_problems(
    desk: Desk, prediction: Prediction, job: JobOwnership | None, job_id: str
) -> list[str]:
    """Whether a delete removed the job if, and only if, it is permitted; asks the backend."""
    if job is None:
        return []
    exists = desk.client.read(desk.janitor, job_id).status == 200
    gone = prediction.decision is Decision.ALLOW
    if exists and gone:
        return [f"job {job_id} is still there"]
    return [f"job {job_id} is gone"] if not exists and not gone else []
