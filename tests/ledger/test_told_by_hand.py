"""A check told by hand names its ledger entry, and is as strict as those by rules."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.ledger import Deviation, Ledger, Severity
from scicat_harness.judge.outcome import CheckFailed, Outcome
from scicat_harness.judge.trial import Subject, Told, Trial
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.release import CURRENT, Release, ReleaseRange
from scicat_harness.model.request import Api
from scicat_harness.oracle.rule import Reading

from ..stubs import desk_of, exchange_of

ENTRY = Deviation("crash", Severity.LOW, ReleaseRange(since=Release(5, 1, 0)))
LEDGER = Ledger((ENTRY,))


def is_one(reply: Any) -> list[str]:
    """The reply has a 1."""
    return [] if reply.get("a") == 1 else ["a is not 1"]


CRASH = Told(500, "it crashes (observed v5.2.1)")
FINE = Told(200, "it works (documentation)", is_one)


def outcome_of(status: int, body: Any, **how: Any) -> Outcome:
    """What was told by hand of a request that is answered so."""
    trial = Trial(desk_of(ledger=LEDGER, **how), "scenarios/case")
    exchange = exchange_of(status, body)
    subject = Subject("create", Api.V4, "plain")
    return trial.tell(SITE.identity("user1"), subject, lambda _: exchange, CRASH, FINE)


def verdict_of(outcome: Outcome) -> tuple[str, str]:
    """Verdict and entry on record."""
    assert outcome.trial.record is not None
    return outcome.trial.record.verdict, outcome.trial.record.ledger


def test_the_known_deviation_is_counted_by_its_entry() -> None:
    outcome = outcome_of(500, "Internal server error")
    outcome.must_deviate("crash")
    assert verdict_of(outcome) == (Verdict.DEVIATING, "crash")


def test_what_is_promised_closes_the_entry() -> None:
    with pytest.raises(CheckFailed, match="ledger entry crash must be closed"):
        outcome_of(200, {"a": 1}).must_deviate("crash")


@pytest.mark.parametrize(("status", "body"), [(200, {"a": 2}), (400, {})])
def test_anything_else_fails(status: int, body: Any) -> None:
    with pytest.raises(CheckFailed, match="instead of 500") as failed:
        outcome_of(status, body).must_deviate("crash")
    assert "no longer" not in str(failed.value)


def test_other_releases_must_do_what_is_promised() -> None:
    early = Release(5, 0, 1)
    outcome = outcome_of(200, {"a": 1}, release=early)
    outcome.must_deviate("crash")
    assert verdict_of(outcome) == (Verdict.PASSED, "")
    with pytest.raises(CheckFailed, match="status 500 instead of 200"):
        outcome_of(500, {}, release=early).must_deviate("crash")


def test_held_against_the_documentation_the_promise_must_happen() -> None:
    documented = Reading.DOCUMENTED
    outcome_of(200, {"a": 1}, reading=documented).must_deviate("crash")
    with pytest.raises(CheckFailed, match="status 500 instead of 200"):
        outcome_of(500, {}, reading=documented).must_deviate("crash")
    with pytest.raises(CheckFailed, match="a is not 1"):
        outcome_of(200, {"a": 2}, reading=documented).must_deviate("crash")


def test_a_check_that_cannot_tell_the_two_apart_fails() -> None:
    trial = Trial(desk_of(ledger=LEDGER), "scenarios/case")
    exchange = exchange_of(200, {"a": 1})
    subject = Subject("create", Api.V4, "plain")
    weak = Told(200, "anything goes (observed v5.2.1)")
    outcome = trial.tell(SITE.identity("user1"), subject, lambda _: exchange, weak, FINE)
    with pytest.raises(CheckFailed, match="must be closed"):
        outcome.must_deviate("crash")


def test_without_a_deviation_the_told_is_judged() -> None:
    trial = Trial(desk_of(ledger=LEDGER), "scenarios/case")
    exchange = exchange_of(200, {"a": 2})
    subject = Subject("create", Api.V4, "plain")
    outcome = trial.tell(SITE.identity("user1"), subject, lambda _: exchange, FINE)
    with pytest.raises(CheckFailed, match="a is not 1") as failed:
        outcome.must_be_as_specified()
    assert "by-hand: it works (documentation)" in str(failed.value)


def test_an_unknown_entry_is_named() -> None:
    with pytest.raises(UsageFault, match="no entry 'other'"):
        outcome_of(500, {}).must_deviate("other")


def test_the_entry_is_about_this_release() -> None:
    assert CURRENT in ENTRY.releases
    assert ENTRY.by_hand
