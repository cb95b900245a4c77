"""Observations: what came back, what is stored, and what arrived, of one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from scicat_harness.model.effect import Channel, Effect

__all__ = ["Observation", "SeenEffect", "Values"]

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeenEffect:
    """One effect that was seen, in the words in which effects are expected.

    ``seq`` is its place in the order of arrival, ``line`` says it in one line.
    """

    channel: Channel
    source: str
    seq: int
    content: Document
    line: str


class Values(Protocol):
    """What a run knows, and an expectation can only name: tokens, ids, times, the stored job."""

    def content(self, effect: Effect) -> Document:
        """What an effect must look like in this observation; empty where nobody can say."""

    def plain(self, value: Any) -> Any:
        """An expected value as the observation would have it."""


class _NoValues:
    """For observations that nothing was expected of but a reply."""

    def content(self, effect: Effect) -> Document:
        return effect.content

    def plain(self, value: Any) -> Any:
        return value


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that was observed of one request.

    ``document`` is the parsed reply. ``stored`` are the jobs that carry the request, ``effects``
    what it caused, in order of arrival; each is None as long as nobody has looked. Those of a
    ``recorded`` observation come from the record of a run: names stand for what only that run
    knew, and instead of ``message`` and ``document`` there is the outcome class, ``decision``.
    """

    status: int
    message: str | None = None
    document: Any = None
    correlation: str = ""
    visible: bool | None = None
    exists: bool | None = None
    stored: Sequence[Document] | None = None
    effects: Sequence[SeenEffect] | None = None
    values: Values = field(default_factory=_NoValues)
    recorded: bool = False
    decision: str | None = None
