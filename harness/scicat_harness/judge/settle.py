"""Settling: what a batch of requests left, stored and sent, asked once for all of them.

A refused request must leave nothing behind, and a permitted one exactly what was predicted.
Every request carries a correlation token of its own, in every part of it that could be stored,
so one query through the same backend finds whatever a whole batch left. A create or update is
answered only after the write, so the query cannot come too early: no waiting is needed. Effects
are looked at behind a barrier that travels the same way as they do (``probe.watch``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from scicat_harness.client.bodies import CORRELATION_DOMAIN
from scicat_harness.judge.channels import in_full, line_of
from scicat_harness.judge.effects import is_unnamed_line
from scicat_harness.judge.failure import NOTHING_SEEN, Sight, Story
from scicat_harness.judge.values import LiveValues
from scicat_harness.model.effect import Effect
from scicat_harness.probe.watch import BatchEffects
from scicat_harness.sinks.arrival import Arrival

__all__ = ["Pending", "SettledRequest", "Settlement", "Watch"]

Find = Callable[[Mapping[str, Any]], list[dict[str, Any]]]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SettledRequest:
    """What a request left: the stored jobs that carry it, and its effects in order of arrival.

    ``arrivals`` is None where nobody could see any. ``values`` fill in the names of expectations.
    """

    documents: Sequence[Document]
    arrivals: Sequence[Arrival] | None
    values: LiveValues
    sight: Callable[[], Sight] = lambda: NOTHING_SEEN


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that is still to be judged by what it left; ``key`` names its check.

    ``judge`` takes what it left, and gives the story of the failure, if it is one.
    """

    key: str
    correlation: str
    judge: Callable[[SettledRequest], Story | None]
    effects: Sequence[Effect] = ()


class Watch(Protocol):
    """Shows the effects of a batch."""

    def settle(self, tokens: Sequence[str]) -> BatchEffects:
        """Everything that requests between these tokens caused; EnvironmentFault when unsure."""


class Settlement:
    """Collects requests and settles them together; ``find`` queries jobs of everybody.

    Without a ``watch`` no effects can be seen, and none are judged. ``names`` are what texts
    may speak of, apart from the request and its job.
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
        """Remember what must be judged."""
        self._pending.append(pending)

    def take_over(self, former: Settlement) -> None:
        """Settle here what another one was to settle."""
        self._pending += former._pending
        former._pending = []

    def settle(self) -> dict[str, list[Story]]:
        """Ask the backend once and judge every request; the stories of those that failed, by key.

        Raises EnvironmentFault when the backend cannot be asked, or a barrier is lost.
        """
        batch, self._pending = self._pending, []
        if not batch:
            return {}
        tokens = [each.correlation for each in batch]
        seen = self._watch.settle(tokens) if self._watch is not None else None
        found = _by_correlation(self._find(_where(tokens)))
        unnamed = list(seen.stray) if seen is not None else []
        stories: dict[str, list[Story]] = {}
        for each in batch:
            story = each.judge(self._left(each, found, seen, unnamed))
            if story is not None:
                stories.setdefault(each.key, []).append(story)
        return stories

    def _left(
        self,
        pending: Pending,
        found: Mapping[str, list[Document]],
        seen: BatchEffects | None,
        unnamed: list[Arrival],
    ) -> SettledRequest:
        token = pending.correlation
        documents = found.get(token, [])
        values = self._values(token, documents)
        if seen is None:
            return SettledRequest(documents, None, values)
        own = seen.arrivals.get(token, ())
        arrivals = [*own, *_taken(pending.effects, unnamed)]
        return SettledRequest(documents, arrivals, values, lambda: _sight(seen, token))

    def _values(self, token: str, documents: Sequence[Document]) -> LiveValues:
        names = {**self._names, "token": token, "contact": ""}
        if len(documents) != 1:
            return LiveValues(names)
        (stored,) = documents
        params = stored.get("jobParams")
        names["other"] = str(params.get("correlation") if isinstance(params, dict) else "")
        names["updated_at"] = str(stored.get("updatedAt"))
        names["id"] = str(stored.get("id"))
        names["created_at"] = str(stored.get("createdAt"))
        names["contact"] = str(stored.get("contactEmail"))
        return LiveValues(names, stored)


def _sight(seen: BatchEffects, token: str) -> Sight:
    """One line per effect of a request with its time, and when the barrier was seen."""
    arrivals = seen.arrivals.get(token, ())
    lines = [(each.at, line_of(each)) for each in arrivals if each.at]
    if seen.barrier:
        lines.append((seen.barrier, "barrier seen, effects complete"))
    timed = [f"{at:.3f} {text}" for at, text in sorted(lines)]
    timeline = (*timed, *(line_of(each) for each in arrivals if not each.at))
    return Sight(timeline, in_full(arrivals))


def _taken(effects: Sequence[Effect], unnamed: list[Arrival]) -> list[Arrival]:
    """Log lines that say the very text of an effect and name no request: one for each effect.

    Others may have caused such lines too, so that more of them prove nothing; what is taken for
    one request is not there for the next.
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
