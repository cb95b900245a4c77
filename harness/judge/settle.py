"""Settling: what is stored after a batch of requests, asked once for all of them.

A refused request must leave nothing behind, and a permitted one exactly what was predicted.
Every request carries a correlation token of its own, in every part of it that could be stored,
so one query through the same backend finds whatever a whole batch left. A create or update is
answered only after the write, so the query cannot come too early: no waiting is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.client.bodies import CORRELATION_DOMAIN
from harness.judge.compare import ownership_mismatches
from harness.model.outcome import StoredJob

__all__ = ["Claim", "Created", "Finding", "Settlement", "Untouched", "Updated"]

Find = Callable[[Mapping[str, Any]], list[dict[str, Any]]]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Created:
    """A create that was permitted: exactly this job is stored."""

    correlation: str
    job_id: str
    job: StoredJob
    fields: Mapping[str, Any]
    """Further fields of the stored document, by key."""
    pids: tuple[str, ...]
    """The listed datasets, in order."""


@dataclass(frozen=True, slots=True)
class Updated:
    """A permitted update: the job shows it. A job is patched once per batch at most."""

    correlation: str
    job_id: str
    by: str
    unchanged: Mapping[str, Any]
    """Fields that no update may change, as they were."""


@dataclass(frozen=True, slots=True)
class Untouched:
    """A refused create or update: no trace of the correlation anywhere."""

    correlation: str


Claim = Created | Updated | Untouched


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim that does not hold; ``key`` names the check that made it."""

    key: str
    text: str


class Settlement:
    """Collects claims and settles them together; ``find`` queries jobs of everybody."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._claims: list[tuple[str, Claim]] = []

    def __len__(self) -> int:
        return len(self._claims)

    def claim(self, key: str, claim: Claim) -> None:
        """Remember what must hold."""
        self._claims.append((key, claim))

    def settle(self) -> list[Finding]:
        """Ask the backend once and judge every claim; the claims are forgotten.

        Raises EnvironmentFault when the backend cannot be asked.
        """
        claims, self._claims = self._claims, []
        if not claims:
            return []
        tokens = [claim.correlation for _, claim in claims]
        found = _by_correlation(self._find(_where(tokens)))
        findings = []
        for key, claim in claims:
            findings += [Finding(key, text) for text in _broken(claim, found)]
        return findings


def _where(tokens: list[str]) -> dict[str, Any]:
    """Everything between the first and the last token: tokens of a batch sort together.

    A range costs a database that has no index for it much less than a list of values.
    """
    between = {"$gte": min(tokens), "$lte": max(tokens)}
    contacts = {"$gte": min(tokens), "$lte": f"{max(tokens)}@{CORRELATION_DOMAIN}"}
    return {
        "$or": [
            {"jobParams.correlation": between},
            {"statusMessage": between},
            {"jobResultObject.mark": between},
            {"contactEmail": contacts},
        ]
    }


def _by_correlation(documents: list[Document]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for document in documents:
        for token in _tokens_of(document):
            found.setdefault(token, []).append(document)
    return found


def _tokens_of(document: Document) -> set[str]:
    params = document.get("jobParams")
    holders = params if isinstance(params, list) else [params]
    tokens = {each.get("correlation") for each in holders if isinstance(each, dict)}
    result = document.get("jobResultObject")
    if isinstance(result, dict):
        tokens.add(result.get("mark"))
    tokens.add(document.get("statusMessage"))
    tokens.add(document.get("statusCode"))
    contact, _, domain = str(document.get("contactEmail")).partition("@")
    if domain == CORRELATION_DOMAIN:
        tokens.add(contact)
    return {token for token in tokens if isinstance(token, str)}


def _broken(claim: Claim, found: Mapping[str, list[Document]]) -> list[str]:
    documents = found.get(claim.correlation, [])
    if isinstance(claim, Untouched):
        return [f"refused, and yet it shows in the stored job {_named(each)}" for each in documents]
    if len(documents) != 1:
        return [f"{len(documents)} stored jobs carry this request instead of one"]
    document = documents[0]
    if document.get("id") != claim.job_id:
        return [f"the stored job is {_named(document)}, the reply spoke of {claim.job_id}"]
    if isinstance(claim, Created):
        problems = ownership_mismatches(claim.job, document)
        problems += _field_problems(claim.fields, document)
        pids = _listed_pids(document)
        if pids != claim.pids:
            problems.append(f"lists the datasets {pids} instead of {claim.pids}")
        return [f"stored otherwise than specified: {each}" for each in problems]
    return _update_problems(claim, document)


def _update_problems(claim: Updated, document: Document) -> list[str]:
    wanted = {
        "statusCode": claim.correlation,
        "statusMessage": claim.correlation,
        "updatedBy": claim.by,
        **claim.unchanged,
    }
    problems = _field_problems(wanted, document)
    result = document.get("jobResultObject")
    if not isinstance(result, dict) or result.get("mark") != claim.correlation:
        problems.append(f"stored jobResultObject is {result!r}, without this update's mark")
    return problems


def _field_problems(wanted: Mapping[str, Any], document: Document) -> list[str]:
    return [
        f"{key} is {document.get(key)!r} instead of {value!r}"
        for key, value in wanted.items()
        if document.get(key) != value
    ]


def _listed_pids(document: Document) -> tuple[str, ...]:
    params = document.get("jobParams")
    listed = params.get("datasetList") if isinstance(params, dict) else None
    if not isinstance(listed, list):
        return ()
    return tuple(str(each.get("pid")) for each in listed if isinstance(each, dict))


def _named(document: Document) -> str:
    return f"{document.get('id')} (type {document.get('type')!r})"
