"""Expectations: what one request must come to, by one reading of the specification."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Effect
from scicat_harness.model.outcome import Decision, StoredJob

__all__ = ["Expectation", "Matcher", "StoredExpectation", "matches_anything"]

Matcher = Callable[[Any], Iterable[Difference]]
"""Compares parsed JSON with what it must be; yields the differences."""


def matches_anything(document: Any) -> Iterable[Difference]:
    """The matcher of a reply whose content is not judged."""
    del document
    return ()


@dataclass(frozen=True, slots=True)
class StoredExpectation:
    """The one job that must carry the request.

    ``job_id`` is None where the client was not told of it, ``pids`` where no datasets are judged.
    ``result`` are keys that jobResultObject must have, with their values.
    """

    owners: StoredJob | None = None
    job_id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    pids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """The whole outcome of a request: reply, stored job, effects.

    ``message`` is a pattern for the error message (None: not judged), in which ``$token`` stands
    for the correlation. ``stored`` is None where no job may carry the request. ``visible`` is for
    lists: whether the job is shown. ``exists`` is for deletes: whether the job is still there.
    ``dies`` says that the backend ends instead of answering. ``promise`` is what two readings must
    agree in for one not to be a deviation from the other.
    """

    decision: Decision
    status: int
    deciding: str
    sentence: str
    rules: tuple[str, ...] = ()
    message: str | None = None
    document: Matcher = matches_anything
    written: bool = False
    stored: StoredExpectation | None = None
    effects: tuple[Effect, ...] = ()
    visible: bool | None = None
    exists: bool | None = None
    dies: bool = False
    promise: object = None
