"""Settling: what a batch of requests left, stored and sent, asked once for all of them.

A refused request must leave nothing behind, and a permitted one exactly what was predicted.
Every request carries a correlation token of its own, in every part of it that could be stored,
so one query through the same backend finds whatever a whole batch left. A create or update is
answered only after the write, so the query cannot come too early: no waiting is needed. Effects
are looked at behind a barrier that travels the same way as they do (scicat_harness.probe.watch).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from scicat_harness.client.bodies import CORRELATION_DOMAIN
from scicat_harness.judge.compare import ownership_mismatches
from scicat_harness.judge.effects import Values, effect_problems, shown_arrival
from scicat_harness.judge.received import received
from scicat_harness.judge.sighting import Left
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.outcome import StoredJob
from scicat_harness.probe.watch import Seen
from scicat_harness.sinks.arrival import Arrival

__all__ = [
    "Claim",
    "Created",
    "Finding",
    "Promise",
    "Settlement",
    "Untouched",
    "Updated",
    "Watch",
]

Find = Callable[[Mapping[str, Any]], list[dict[str, Any]]]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Created:
    """A create that was permitted: exactly this job is stored.

    ``job_id`` is None where the client was not told of it.
    """

    correlation: str
    job_id: str | None
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
    status: str | None = None
    """The new statusCode where it is not the correlation."""
    result: Mapping[str, Any] = field(default_factory=dict)
    """Further keys of the new jobResultObject."""
    spoken_v3: bool = False


@dataclass(frozen=True, slots=True)
class Untouched:
    """A refused create or update: no trace of the correlation anywhere."""

    correlation: str


Claim = Created | Updated | Untouched
NOTHING: Sequence[Effect] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """What a check says of its request: what is stored, and which effects there are."""

    key: str
    claim: Claim
    effects: Sequence[Effect] = NOTHING
    tell: Callable[[Left], None] | None = None
    """Takes what the request left, as promised or not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A promise that does not hold; ``key`` names the check that made it."""

    key: str
    correlation: str
    text: str
    timeline: tuple[str, ...] = ()
    """What was seen of the request, in order of time, where effects could be seen."""
    received: tuple[str, ...] = ()
    """The same in full."""


class Watch(Protocol):
    """Shows the effects of a batch."""

    def settle(self, tokens: Sequence[str]) -> Seen:
        """Everything that requests between these tokens caused; EnvironmentFault when unsure."""


class Settlement:
    """Collects promises and settles them together; ``find`` queries jobs of everybody.

    Without a ``watch`` no effects can be seen, and none may be promised. ``names`` are what texts
    may speak of, apart from the request and its job.
    """

    def __init__(
        self, find: Find, watch: Watch | None = None, names: Mapping[str, str] | None = None
    ) -> None:
        self._find = find
        self._watch = watch
        self._names = names or {}
        self._promises: list[Promise] = []

    def __len__(self) -> int:
        return len(self._promises)

    def promise(self, promise: Promise) -> None:
        """Remember what must hold."""
        self._promises.append(promise)

    def take_over(self, former: Settlement) -> None:
        """Settle here what another one was promised."""
        self._promises += former._promises
        former._promises = []

    def settle(self) -> list[Finding]:
        """Ask the backend once and judge every promise; they are forgotten.

        Raises EnvironmentFault when the backend cannot be asked, or a barrier is lost.
        """
        promises, self._promises = self._promises, []
        if not promises:
            return []
        tokens = [each.claim.correlation for each in promises]
        seen = self._watch.settle(tokens) if self._watch is not None else Seen({})
        found = _by_correlation(self._find(_where(tokens)))
        unnamed = list(seen.stray)
        findings = []
        for promise in promises:
            texts = _broken(promise.claim, found)
            token = promise.claim.correlation
            arrivals = None
            if self._watch is not None:
                own = seen.arrivals.get(token, ())
                arrivals = [*own, *_taken(promise.effects, unnamed)]
                texts += self._effects(promise, found, arrivals)
            if promise.tell is not None:
                promise.tell(Left(found.get(token, ()), arrivals))
            if texts:
                lines = _timeline(seen, token)
                full = tuple(received(seen.arrivals.get(token, ())))
                findings += [Finding(promise.key, token, text, lines, full) for text in texts]
        return findings

    def _effects(
        self,
        promise: Promise,
        found: Mapping[str, list[Document]],
        arrivals: Sequence[Arrival],
    ) -> list[str]:
        claim = promise.claim
        documents = found.get(claim.correlation, [])
        stored = documents[0] if len(documents) == 1 else None
        names = {**self._names, "token": claim.correlation, "contact": ""}
        if stored is not None:
            params = stored.get("jobParams")
            names["other"] = str(params.get("correlation") if isinstance(params, dict) else "")
            names["updated_at"] = str(stored.get("updatedAt"))
            names["id"] = str(stored.get("id"))
            names["created_at"] = str(stored.get("createdAt"))
            names["contact"] = str(stored.get("contactEmail"))
        return effect_problems(promise.effects, arrivals, Values(names, stored))


def _timeline(seen: Seen, token: str) -> tuple[str, ...]:
    """One line per effect of a request with its time, and when the barrier was seen."""
    arrivals = seen.arrivals.get(token, ())
    lines = [(each.at, f"{shown_arrival(each)}") for each in arrivals if each.at]
    if seen.barrier:
        lines.append((seen.barrier, "barrier seen, effects complete"))
    timed = [f"{at:.3f} {text}" for at, text in sorted(lines)]
    return (*timed, *(shown_arrival(each) for each in arrivals if not each.at))


def _taken(effects: Sequence[Effect], unnamed: list[Arrival]) -> list[Arrival]:
    """Log lines that say the very text of an effect and name no request: one for each effect.

    Others may have caused such lines too, so that more of them prove nothing; what is taken for
    one request is not there for the next.
    """
    taken = []
    for each in effects:
        text = each.content.get("text")
        if each.channel is not Channel.LOG or not isinstance(text, str) or "$" in text:
            continue
        line = next((line for line in unnamed if line.content.get("text") == text), None)
        if line is not None:
            unnamed.remove(line)
            taken.append(line)
    return taken


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
    if claim.job_id is not None and document.get("id") != claim.job_id:
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
    code = claim.status or claim.correlation
    wanted = {
        "statusCode": code,
        "statusMessage": code if claim.spoken_v3 else claim.correlation,
        "updatedBy": claim.by,
        **claim.unchanged,
    }
    problems = _field_problems(wanted, document)
    result = document.get("jobResultObject")
    sent = {"mark": claim.correlation, **claim.result}
    if not isinstance(result, dict) or not all(
        result.get(key) == value for key, value in sent.items()
    ):
        problems.append(f"stored jobResultObject is {result!r}, not what this update sent")
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
