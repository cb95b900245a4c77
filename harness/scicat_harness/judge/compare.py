"""Comparison: in what does a reply differ from a prediction?"""

from __future__ import annotations

from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.model.outcome import Decision, StoredJob
from scicat_harness.model.request import Api
from scicat_harness.oracle.predict import Prediction

__all__ = [
    "document_problems",
    "identity_problems",
    "observed_decision",
    "ownership_mismatches",
    "reply_mismatches",
]

_DENIED = frozenset({401, 403})


def observed_decision(exchange: Exchange, prediction: Prediction) -> Decision:
    """The outcome class of a reply; 400 was used for refusals too, so the prediction may tell."""
    if not reply_mismatches(prediction, exchange):
        return prediction.decision
    if 200 <= exchange.status < 300:
        return Decision.ALLOW
    return Decision.DENY if exchange.status in _DENIED else Decision.INVALID


def reply_mismatches(prediction: Prediction, exchange: Exchange) -> list[str]:
    """Differences in status and message, as sentences; empty when there is none."""
    reply = prediction.reply
    found: list[str] = []
    if exchange.status != reply.status:
        found.append(f"status {exchange.status} instead of {reply.status}")
    elif not reply.matches(exchange.message, exchange.correlation or ""):
        found.append(f"message {exchange.message!r} is not of the class {reply.message!r}")
    return found


_FIELDS = {
    Api.V4: ("ownerUser", "ownerGroup", "contactEmail"),
    Api.V3: (None, None, "emailJobInitiator"),
}


def ownership_mismatches(
    expected: StoredJob, document: dict[str, Any], api: Api = Api.V4
) -> list[str]:
    """Differences in the owner fields of a job document; v3 documents show the contact only."""
    found: list[str] = []
    wanted = (expected.owner_user, expected.owner_group, expected.contact_email)
    for key, values in zip(_FIELDS[api], wanted, strict=True):
        if key is None:
            continue
        # v3 leaves out what is empty.
        allowed = values | {None} if api is Api.V3 and "" in values else values
        if document.get(key) not in allowed:
            found.append(f"{key} is {document.get(key)!r} instead of {_one_of(values)}")
    if api is Api.V4 and document.get("createdBy") != expected.created_by:
        found.append(
            f"createdBy is {document.get('createdBy')!r} instead of {expected.created_by!r}"
        )
    return found


def document_problems(prediction: Prediction, exchange: Exchange, api: Api) -> list[str]:
    """Differences in the job document of a reply that tells of success."""
    if prediction.job is None or prediction.decision is not Decision.ALLOW:
        return []
    document = exchange.json
    if not isinstance(document, dict) or "id" not in document:
        return ["the reply is not a job document"]
    return ownership_mismatches(prediction.job, document, api)


def identity_problems(prediction: Prediction, exchange: Exchange, job_id: str) -> list[str]:
    """Whether a reply that shows a job shows the right one."""
    if prediction.decision is not Decision.ALLOW:
        return []
    document = exchange.json
    found = document.get("id") if isinstance(document, dict) else None
    return [] if found == job_id else [f"the reply is about job {found!r} instead of {job_id!r}"]


def _one_of(values: frozenset[str | None]) -> str:
    return " or ".join(sorted(repr(each) for each in values))
