"""Expectations: the whole outcome a request must have, by one reading of the specification."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Effect
from scicat_harness.model.outcome import Decision, StoredJob

__all__ = ["Expectation", "Matcher", "StoredExpectation", "matches_anything"]

Matcher = Callable[[Any], Iterable[Difference]]
"""Compares a parsed JSON document with its expectation; returns the differences."""


def matches_anything(document: Any) -> Iterable[Difference]:
    """Return no difference: the matcher of a reply whose content is not judged."""
    del document
    return ()


@dataclass(frozen=True, slots=True)
class StoredExpectation:
    """The one stored job that must contain the correlation of the request.

    ``job_id`` is None if the reply did not contain it. ``fields`` are those of its document; it is
    ``whole`` if the document must have no others besides its owners, id and times.
    """

    owners: StoredJob | None = None
    job_id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Expectation:
    """The whole outcome of a request: reply, stored job, effects.

    ``message`` is a pattern for the error message (None: not judged), in which ``$token`` stands
    for the correlation. ``written`` is True if a job is stored or changed, even if the reply is an
    error. ``stored`` is None if no job may contain the correlation. ``keeps`` is the document of
    the job in the request, if nothing of it may change. ``shows`` makes the document of a reply
    from the stored job that it must show (None: it need not show one). ``visible`` is for lists:
    True if the list shows the job. ``exists`` is for deletes: True if the job is still stored.
    ``dies`` is True if the backend ends instead of answering. ``promise`` is the part of the
    outcome that must be equal in both readings, else one is a deviation from the other.
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
    keeps: Mapping[str, Any] | None = None
    shows: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    effects: tuple[Effect, ...] = ()
    visible: bool | None = None
    exists: bool | None = None
    dies: bool = False
    # Opaque: made by the oracle, and only compared.
    promise: object = None
