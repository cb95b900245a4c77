"""A check written by hand names its ledger entry, and is as strict as those by rules."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answer import answer
from scicat_harness.judge.failure import CheckFailed, LogWindow
from scicat_harness.judge.ledger import Deviation, Ledger, Severity
from scicat_harness.judge.literal import Reply
from scicat_harness.judge.matchers import holds
from scicat_harness.judge.outcome import SentRequest
from scicat_harness.judge.trial import Subject, Trial
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.release import CURRENT, Release, ReleaseRange
from scicat_harness.model.request import Api
from scicat_harness.oracle.rule import Reading

from ..stubs import context_of, exchange_of

ENTRY = Deviation("crash", Severity.LOW, ReleaseRange(since=Release(5, 1, 0)))
LEDGER = Ledger((ENTRY,))


CRASH = answer(500, because="it crashes (observed v5.2.1)")
FINE = answer(200, holds({"a": 1}), because="it works (documentation)")


def reply_of(status: int, body: Any, **how: Any) -> Reply:
    """A request that is answered so."""
    trial = Trial(context_of(ledger=LEDGER, **how), "scenarios/case")
    subject = Subject("create", Api.V4, "plain")
    asked = SentRequest(SITE.identity("user1"), subject, exchange_of(status, body), LogWindow({}))
    return Reply(trial, asked)


def verdict_of(reply: Reply) -> tuple[str, str]:
    """Verdict and entry on record."""
    assert reply.check.record is not None
    return reply.check.record.verdict, reply.check.record.ledger


def test_the_known_deviation_is_counted_by_its_entry() -> None:
    reply = reply_of(500, "Internal server error")
    reply.must_deviate("crash", CRASH, FINE)
    assert verdict_of(reply) == (Verdict.DEVIATING, "crash")


def test_what_is_promised_closes_the_entry() -> None:
    with pytest.raises(CheckFailed, match="ledger entry crash must be closed"):
        reply_of(200, {"a": 1}).must_deviate("crash", CRASH, FINE)


@pytest.mark.parametrize(("status", "body"), [(200, {"a": 2}), (400, {})])
def test_anything_else_fails(status: int, body: Any) -> None:
    with pytest.raises(CheckFailed, match="instead of 500") as failed:
        reply_of(status, body).must_deviate("crash", CRASH, FINE)
    assert "no longer" not in str(failed.value)


def test_other_releases_must_do_what_is_promised() -> None:
    early = Release(5, 0, 1)
    reply = reply_of(200, {"a": 1}, release=early)
    reply.must_deviate("crash", CRASH, FINE)
    assert verdict_of(reply) == (Verdict.PASSED, "")
    with pytest.raises(CheckFailed, match="status 500 instead of 200"):
        reply_of(500, {}, release=early).must_deviate("crash", CRASH, FINE)


def test_held_against_the_documentation_the_promise_must_happen() -> None:
    documented = Reading.DOCUMENTED
    reply_of(200, {"a": 1}, reading=documented).must_deviate("crash", CRASH, FINE)
    with pytest.raises(CheckFailed, match="status 500 instead of 200"):
        reply_of(500, {}, reading=documented).must_deviate("crash", CRASH, FINE)
    with pytest.raises(CheckFailed, match="a is 2 instead of 1"):
        reply_of(200, {"a": 2}, reading=documented).must_deviate("crash", CRASH, FINE)


def test_a_check_that_cannot_tell_the_two_apart_fails() -> None:
    weak = answer(200, because="anything goes (observed v5.2.1)")
    with pytest.raises(CheckFailed, match="must be closed"):
        reply_of(200, {"a": 1}).must_deviate("crash", weak, FINE)


def test_without_a_deviation_the_answer_is_judged() -> None:
    with pytest.raises(CheckFailed, match="a is 2 instead of 1") as failed:
        reply_of(200, {"a": 2}).must_be(FINE)
    assert "by-hand: it works (documentation)" in str(failed.value)


def test_an_unknown_entry_is_named() -> None:
    with pytest.raises(UsageFault, match="no entry 'other'"):
        reply_of(500, {}).must_deviate("other", CRASH, FINE)


def test_the_entry_is_about_this_release() -> None:
    assert CURRENT in ENTRY.releases
    assert ENTRY.by_hand
