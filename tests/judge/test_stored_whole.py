"""The whole stored job: fields too many, times, and a job that must stay as it is."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.judge.known import KnownJobs
from scicat_harness.judge.stored import kept_differences, shown_differences, stored_differences
from scicat_harness.model.expectation import StoredExpectation
from scicat_harness.model.observation import Observation

AT = "2026-01-31T12:00:00.000Z"
SPAN = (1769860799.9, 1769860800.1)
JOB: dict[str, Any] = {"_id": "1", "id": "1", "type": "t", "updatedAt": AT}
VALUES = Observation(200).values


def found(document: dict[str, Any]) -> list[str]:
    """The paths of the differences of a stored job from the one that is expected."""
    expected = StoredExpectation(None, "1", {"type": "t"}, whole=True)
    return [each.path for each in stored_differences(expected, [document], VALUES, SPAN)]


def test_the_expected_job() -> None:
    assert found(JOB) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"token": "x"}, "stored.token"),
        ({"ownerUser": None}, "stored.ownerUser"),
        ({"_id": "2"}, "stored._id"),
        ({"updatedAt": "2026-01-31T11:00:00.000Z"}, "stored.updatedAt"),
        ({"updatedAt": "soon"}, "stored.updatedAt"),
        ({"type": "u"}, "stored.type"),
    ],
)
def test_anything_else(change: dict[str, Any], path: str) -> None:
    assert found({**JOB, **change}) == [path]


def test_a_job_that_must_stay_as_it_is() -> None:
    assert [*kept_differences(JOB, dict(JOB), SPAN)] == []
    (changed,) = kept_differences(JOB, {**JOB, "type": "u"}, SPAN)
    assert (changed.path, changed.expected, changed.observed) == ("kept.type", "t", "u")
    (gone,) = kept_differences(JOB, None, SPAN)
    assert gone.path == "kept"


def test_a_change_at_another_time_is_that_of_another_request() -> None:
    changed = {**JOB, "type": "u", "updatedAt": "2026-01-31T12:00:05.000Z"}
    assert [*kept_differences(JOB, changed, SPAN)] == []


def test_a_reply_shows_the_stored_job() -> None:
    assert [*shown_differences(JOB, JOB)] == []
    (more,) = shown_differences(JOB, {**JOB, "password": "x"})
    assert (more.path, more.observed) == ("password", "x")


def test_halves_of_surrogate_pairs_are_shown_as_replacements() -> None:
    stored = {**JOB, "jobParams": {"x": "\ufffd"}}
    assert [*shown_differences(stored, {**JOB, "jobParams": {"x": "\ud800"}})] == []


def test_known_jobs() -> None:
    known = KnownJobs()
    known.note(JOB)
    assert known.get("1") == JOB
    assert known.get("2") is None
    later = KnownJobs()
    later.note({**JOB, "type": "u"})
    later.take_over(known)
    assert later.get("1") == {**JOB, "type": "u"}
    later.forget("1")
    assert list(later) == []
