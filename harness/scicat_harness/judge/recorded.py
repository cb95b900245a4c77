"""Judging the records of a stored run again, by the expectations of today.

A record does not keep messages, documents in replies, and what only a settlement looks at. So a
check that failed can pass now only if all its differences are among those that a record keeps.
"""

from __future__ import annotations

from dataclasses import replace

from scicat_harness.judge.expecting import expectation_of
from scicat_harness.judge.judging import Expected, judge
from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.names import Names
from scicat_harness.judge.record import STORED_JOB, CheckRecord, RequestRecord, seen_in
from scicat_harness.judge.stored import OWNERS
from scicat_harness.judge.values import RecordedValues
from scicat_harness.model.expectation import Expectation, StoredExpectation
from scicat_harness.model.judgement import Judgement
from scicat_harness.model.observation import Observation
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.model.release import Release
from scicat_harness.oracle.predict import Prediction

__all__ = ["Unclear", "judged_again", "recorded_expectation", "recorded_observation"]

_WRITING = frozenset({"create", "update"})
_KEPT = frozenset(
    {
        *("status", "deviation.unknown", "deviation.fixed", "stored", "stored.createdBy"),
        *(f"stored.{key}" for key in OWNERS),
    }
)
"""Paths of differences that a record keeps everything for, so that they are compared in full."""


class Unclear(Exception):
    """A record does not have what a judgement needs; the message says what is missing."""


def recorded_expectation(prediction: Prediction, operation: str) -> Expectation:
    """Return the expectation that a prediction implies for what a record keeps.

    Of the stored job that is the owners after a create, and only its existence after an update.
    """
    found = expectation_of(prediction)
    if operation == "create" and prediction.job is not None:
        return replace(found, stored=StoredExpectation(prediction.job))
    if operation == "update" and prediction.written:
        return replace(found, stored=StoredExpectation())
    return found


def recorded_observation(request: RequestRecord, run: str) -> Observation:
    """Return the observation that a record has of a request, in a run with this name.

    Names such as ``$token`` stay in it; its values are ``RecordedValues``.
    """
    left = request.effects
    jobs = None if left is None else [each for each in left if each["channel"] == STORED_JOB]
    contact = str(jobs[0].get("contactEmail")) if jobs else ""
    names = Names(run, request.correlation)
    listed = request.operation == "list" and 200 <= request.status < 300
    return Observation(
        status=request.status,
        correlation=request.correlation,
        visible=request.observed == Decision.ALLOW if listed else None,
        stored=jobs,
        effects=seen_in(left) if left is not None and request.watched else None,
        values=RecordedValues.of(names, contact, creates=request.operation == "create"),
        recorded=True,
        decision=request.observed,
    )


def judged_again(
    record: CheckRecord, expected: Expected, ledger: Ledger, release: Release, run: str
) -> Judgement:
    """Judge the last request of a record by the expectation and the ledger of today.

    Raises Unclear where nothing that the record keeps differs, but what it does not keep may.
    """
    request = record.requests[-1]
    if not request.correlation:  # records of older runs have it once, for the check
        request = replace(request, correlation=record.correlation)
    observation = recorded_observation(request, run)
    found = judge(expected, observation, ledger, release)
    paths = {each.path for each in found.differences}
    if "decision" in paths and record.verdict == Verdict.FAILED:
        # The message did not match either then, so the recorded class is that of the status.
        raise Unclear("failed then, and its status alone does not show the outcome class")
    # A deviation without a ledger entry depends on the rules alone, not on what was observed.
    if not paths - {"deviation.unknown"}:
        _refuse_what_is_not_kept(record, request, expected.against)
    return found


def _refuse_what_is_not_kept(
    record: CheckRecord, request: RequestRecord, expectation: Expectation
) -> None:
    """Raise Unclear if the request may differ in something that its record does not keep."""
    failed = record.verdict == Verdict.FAILED
    if failed and not (request.paths and _KEPT.issuperset(request.paths)):
        raise Unclear("failed then by something that a record does not keep")
    if request.operation in _WRITING and request.effects is None:
        raise Unclear("its reply is as specified, but stored job and effects were never settled")
    # A status that differed ended the comparison: no document was read, no deleted job looked for.
    shows = request.operation == "read" and expectation.decision is Decision.ALLOW
    if "status" in request.paths and (shows or request.operation == "delete"):
        raise Unclear("its status is as specified, but the rest was never compared")
