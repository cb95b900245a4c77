"""Observations: reply, stored jobs and effects of one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Channel, Effect

__all__ = ["Observation", "SeenEffect", "Values"]

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeenEffect:
    """One observed effect, with the same keys as an expected one.

    ``source`` is where it arrived, ``seq`` its place in the order of arrival. ``line``
    describes it in one line.
    """

    channel: Channel
    source: str
    seq: int
    content: Document
    line: str


class Values(Protocol):
    """Values that are known during the run only: tokens, ids, times, the stored job.

    An expectation contains names such as ``$token`` or ``$id`` in their place.
    """

    def content(self, effect: Effect) -> Document:
        """Return the content an effect must have in this run; empty if it cannot be known."""

    def plain(self, value: Any) -> Any:
        """Return an expected value with the names in it replaced."""


class _NoValues:
    """The values of an observation without effects and stored jobs: none."""

    def content(self, effect: Effect) -> Document:
        return effect.content

    def plain(self, value: Any) -> Any:
        return value


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that was observed of one request.

    ``document`` is the parsed reply. ``stored`` are the jobs that contain the correlation of the
    request, ``effects`` are its effects in order of arrival; each is None before settlement. A
    ``recorded`` observation comes from the record of a run: it contains names in place of the
    values of that run, and the outcome class ``decision`` instead of ``message`` and ``document``.
    ``job`` is the stored document of the job that the request names, read at settlement. ``span``
    is the time from sending the request to its reply, in seconds since the epoch by the clock of
    the backend; None where that clock may be another one. ``findings`` are what was seen and no
    expectation allows, such as a cookie or a leaked token.
    """

    status: int
    message: str | None = None
    document: Any = None
    correlation: str = ""
    visible: bool | None = None
    exists: bool | None = None
    # None is no observation; an empty list is the observation that there is nothing.
    stored: Sequence[Document] | None = None
    effects: Sequence[SeenEffect] | None = None
    values: Values = field(default_factory=_NoValues)
    recorded: bool = False
    findings: Sequence[Difference] = ()
    job: Document | None = None
    span: tuple[float, float] | None = None
    decision: str | None = None
