"""Settlement: reads the stored jobs and the effects of a batch of requests, once for all of them.

A refused request must leave nothing behind, and a permitted one exactly what was predicted.
Every request carries a correlation token of its own, in every part of it that could be stored,
so one query through the same backend finds whatever a whole batch left. A create or update is
answered only after the write, so the query cannot come too early: no waiting is needed. Effects
are read behind a barrier that travels the same way as they do (``probe.watch``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from scicat_harness.judge.channels import in_full, line_of
from scicat_harness.judge.effects import is_unnamed_line
from scicat_harness.judge.failure import NOTHING_SEEN, Sight, Story
from scicat_harness.judge.values import LiveValues
from scicat_harness.model.effect import Effect
from scicat_harness.model.request import CORRELATION_DOMAIN
from scicat_harness.probe.watch import BatchEffects
from scicat_harness.sinks.arrival import Arrival

__all__ = ["Pending", "SettledRequest", "Settlement", "Watch", "token_in_contact"]

Find = Callable[[Mapping[str, Any]], list[dict[str, Any]]]
Document = dict[str, Any]
_OF_THE_JOB = ("created_at", "id", "other", "updated_at")
_NO_JOB = "(not exactly one stored job)"


@dataclass(frozen=True, slots=True)
class SettledRequest:
    """The stored jobs that carry a request, and its effects in order of arrival.

    ``arrivals`` is None where effects cannot be seen. ``values`` fill in the names of
    expectations. ``sight`` makes the text of the effects, for a story. ``job`` is the job that the
    request names, None where there is none.
    """

    documents: Sequence[Document]
    arrivals: Sequence[Arrival] | None
    values: LiveValues
    sight: Callable[[], Sight] = lambda: NOTHING_SEEN
    job: Document | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A request whose stored job and effects are still to be judged; ``key`` names its check.

    ``judge`` takes what was found and returns the story of a failure, or None. ``effects`` are
    the expected ones. ``job_id`` is the job that the request names, "" without one.
    """

    key: str
    correlation: str
    judge: Callable[[SettledRequest], Story | None]
    effects: Sequence[Effect] = ()
    job_id: str = ""


class Watch(Protocol):
    """Shows the effects of a batch; implemented by ``probe.watch.EffectWatch``."""

    def settle(self, tokens: Sequence[str]) -> BatchEffects:
        """Return every effect of the requests from the first to the last of these tokens.

        Raises EnvironmentFault where there may be more of them.
        """


class Settlement:
    """Collects requests and settles them together.

    ``find`` queries the jobs of all identities by a condition of MongoDB. Without a ``watch`` no
    effects can be seen, and none are judged. ``names`` are values of ``$name`` in expected texts,
    besides those of the request and its job.
    """

    def __init__(
        self, find: Find, watch: Watch | None = None, names: Mapping[str, str] | None = None
    ) -> None:
        self._find = find
        self._watch = watch
        self._names = names or {}
        self._pending: list[Pending] = []

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, pending: Pending) -> None:
        """Add a request to the batch."""
        self._pending.append(pending)

    def take_over(self, former: Settlement) -> None:
        """Move the pending requests of another settlement to this one."""
        self._pending += former._pending
        former._pending = []

    def settle(self) -> dict[str, list[Story]]:
        """Query the backend once, judge every request, and return stories of failures by key.

        The batch is empty afterwards, also after an error. Raises EnvironmentFault when the query
        fails or the barrier is not seen.
        """
        # Emptied first: a batch that cannot be settled is unknown and not tried again.
        batch, self._pending = self._pending, []
        if not batch:
            return {}
        tokens = [each.correlation for each in batch]
        seen = self._watch.settle(tokens) if self._watch is not None else None
        documents = self._find(_where(tokens, sorted({each.job_id for each in batch} - {""})))
        found = _by_correlation(documents)
        jobs = {str(each.get("id")): each for each in documents}
        unnamed = list(seen.stray) if seen is not None else []
        stories: dict[str, list[Story]] = {}
        for each in batch:
            job = jobs.get(each.job_id)
            left = self._left(each, found, seen, unnamed, job)
            story = each.judge(replace(left, job=job))
            if story is not None:
                stories.setdefault(each.key, []).append(story)
        return stories

    def _left(
        self,
        pending: Pending,
        found: Mapping[str, list[Document]],
        seen: BatchEffects | None,
        unnamed: list[Arrival],
        job: Document | None,
    ) -> SettledRequest:
        token = pending.correlation
        documents = found.get(token, [])
        # A refused update leaves no token; actions before the refusal have seen its job.
        known = documents or ([job] if job is not None else [])
        values = self._values(token, known)
        if seen is None:
            return SettledRequest(documents, None, values)
        own = seen.arrivals.get(token, ())
        arrivals = [*own, *_taken(pending.effects, unnamed)]
        # A function, because the text is needed for failures only.
        return SettledRequest(documents, arrivals, values, lambda: _sight(seen, token))

    def _values(self, token: str, documents: Sequence[Document]) -> LiveValues:
        names = {**self._names, "token": token, "contact": ""}
        # With none or several jobs no text can name the stored one: a text that would differs.
        if len(documents) != 1:
            return LiveValues({**dict.fromkeys(_OF_THE_JOB, _NO_JOB), **names})
        (stored,) = documents
        params = stored.get("jobParams")
        marked = params.get("correlation") if isinstance(params, dict) else ""
        # After an update this is the token of the create, and differs from ``token``.
        names["other"] = str(marked or token_in_contact(stored))
        names["updated_at"] = str(stored.get("updatedAt"))
        names["id"] = str(stored.get("id"))
        names["created_at"] = str(stored.get("createdAt"))
        names["contact"] = str(stored.get("contactEmail"))
        return LiveValues(names, stored)


def _sight(seen: BatchEffects, token: str) -> Sight:
    """Return one line per effect with its time, and one for the barrier, in order of time."""
    arrivals = seen.arrivals.get(token, ())
    timed = [(each.at, line_of(each)) for each in arrivals if each.at]
    if seen.barrier:
        timed.append((seen.barrier, "barrier seen, effects complete"))
    untimed = [(None, line_of(each)) for each in arrivals if not each.at]
    timeline: list[tuple[float | None, str]] = [*sorted(timed), *untimed]
    return Sight(timeline, in_full(arrivals))


def _taken(effects: Sequence[Effect], unnamed: list[Arrival]) -> list[Arrival]:
    """Remove from ``unnamed`` one log line for each effect that has the same text, and return them.

    Such lines name no request, and other requests may have caused some of them. So a surplus
    proves nothing, but each request that expects a line needs one of its own.
    """
    taken = []
    for each in effects:
        if not is_unnamed_line(each):
            continue
        text = each.content["text"]
        line = next((line for line in unnamed if line.content.get("text") == text), None)
        if line is not None:
            unnamed.remove(line)
            taken.append(line)
    return taken


def _where(tokens: list[str], ids: list[str]) -> dict[str, Any]:
    """Return the condition for these jobs and for those with a token of a batch.

    Tokens of a batch sort together. A range costs a database that has no index for it much less
    than a list of values.
    """
    between = {"$gte": min(tokens), "$lte": max(tokens)}
    # The places of the token in a body: ``client.bodies`` puts it into each of them.
    contacts = {"$gte": min(tokens), "$lte": f"{max(tokens)}@{CORRELATION_DOMAIN}"}
    return {
        "$or": [
            {"jobParams.correlation": between},
            {"statusMessage": between},
            {"jobResultObject.mark": between},
            {"contactEmail": contacts},
            *([{"id": {"$in": ids}}] if ids else []),
        ]
    }


def _by_correlation(documents: list[Document]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    # A job carries the token of its create and, in other fields, that of its last update.
    for document in documents:
        for token in _tokens_of(document):
            found.setdefault(token, []).append(document)
    return found


def _tokens_of(document: Document) -> set[str]:
    params = document.get("jobParams")
    # A list of parameters is malformed; a backend that stores it nevertheless must be caught.
    holders = params if isinstance(params, list) else [params]
    # A list, because a wrong value may be an object, which no set can hold.
    tokens = [each.get("correlation") for each in holders if isinstance(each, dict)]
    result = document.get("jobResultObject")
    if isinstance(result, dict):
        tokens.append(result.get("mark"))
    tokens += [document.get("statusMessage"), document.get("statusCode")]
    tokens.append(token_in_contact(document))
    return {token for token in tokens if isinstance(token, str)}


def token_in_contact(document: Mapping[str, Any]) -> str | None:
    """Return the token in the contact address of a job, None without one."""
    contact, _, domain = str(document.get("contactEmail")).partition("@")
    return contact if domain == CORRELATION_DOMAIN else None
