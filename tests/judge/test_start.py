"""Start checks: what a start must end with, and how known deviations of it are held."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scicat_harness.deploy.deployment import Attempt, StartFiles
from scicat_harness.judge.failure import CheckFailed
from scicat_harness.judge.start import KnownDeviation, StartCheck, StartOutcome
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.release import CURRENT
from scicat_harness.oracle.rule import Reading

FILES = StartFiles("jobs: [", {"mail.html": "<p>"}, {"RABBITMQ_PASSWORD": "geheim", "PORT": None})
HEALTHY = Attempt(healthy=True, exit_code=None, output="started")
ENDED = Attempt(healthy=False, exit_code=1, output="Error: broken\nin a place")
KILLED = Attempt(healthy=False, exit_code=-9, output="Error: broken")
VAGUE = KnownDeviation("some-entry", StartOutcome(False, ("jobConfig", "archive")))
NAMED = Attempt(healthy=False, exit_code=1, output="Error: broken, jobConfig, type archive")


def verdict_of(check: StartCheck) -> tuple[str, str]:
    """Verdict and ledger entry of a check that was judged."""
    assert check.record is not None
    return check.record.verdict, check.record.ledger


def test_a_start_that_ends_as_it_must_passes() -> None:
    check = StartCheck("k", CURRENT)
    check.must_fail(FILES, ENDED, "broken", "in a .lace")
    assert verdict_of(check) == (Verdict.PASSED, "")
    check.must_start(FILES, HEALTHY, "started")
    assert verdict_of(check) == (Verdict.PASSED, "")


@pytest.mark.parametrize(
    ("attempt", "reason"),
    [
        (HEALTHY, "started"),
        (KILLED, "exit code -9 instead of 1"),
        (NAMED, "no message of the class 'in a place'"),
    ],
)
def test_a_failure_must_have_its_exit_code_and_every_message(attempt: Attempt, reason: str) -> None:
    check = StartCheck("k", CURRENT)
    with pytest.raises(CheckFailed, match=reason):
        check.must_fail(FILES, attempt, "", "in a place")
    assert verdict_of(check) == (Verdict.FAILED, "")


def test_a_start_that_neither_ends_nor_becomes_healthy_is_said_to_run() -> None:
    hanging = Attempt(False, None, "waiting")
    check = StartCheck("k", CURRENT)
    with pytest.raises(CheckFailed) as raised:
        check.must_fail(FILES, hanging)
    assert check.record is not None
    assert check.record.reason == "still running at the deadline, and not healthy"
    assert "observed  still running at the deadline, and not healthy" in str(raised.value)
    with pytest.raises(CheckFailed, match="still running at the deadline"):
        check.must_start(FILES, hanging)


@pytest.mark.parametrize(("attempt", "reason"), [(ENDED, "exit code 1"), (HEALTHY, "no message")])
def test_a_start_must_be_healthy_and_say_it(attempt: Attempt, reason: str) -> None:
    with pytest.raises(CheckFailed, match=reason):
        StartCheck("k", CURRENT).must_start(FILES, attempt, "warning")


@pytest.mark.parametrize(
    ("loaded", "reason"),
    [
        (HEALTHY, "the loader alone: "),
        (
            Attempt(False, 1, "Error: another one"),
            "the loader alone: printed no message of the class",
        ),
    ],
)
def test_the_loader_alone_must_refuse_what_the_start_refuses(loaded: Attempt, reason: str) -> None:
    check = StartCheck("k", CURRENT)
    check.must_fail(FILES, replace(ENDED, loaded=ENDED), "broken")
    assert verdict_of(check) == (Verdict.PASSED, "")
    with pytest.raises(CheckFailed, match=reason):
        check.must_fail(FILES, replace(ENDED, loaded=loaded), "broken")
    assert verdict_of(check) == (Verdict.FAILED, "")


def test_the_loader_alone_must_take_what_the_start_takes() -> None:
    check = StartCheck("k", CURRENT)
    with pytest.raises(CheckFailed, match="the loader alone: "):
        check.must_start(FILES, replace(HEALTHY, loaded=ENDED))
    assert verdict_of(check) == (Verdict.FAILED, "")


def test_a_known_deviation_is_counted_as_such() -> None:
    check = StartCheck("k", CURRENT)
    check.must_fail(FILES, ENDED, "broken", known=VAGUE)
    assert verdict_of(check) == (Verdict.DEVIATING, "some-entry")


def test_a_deviation_that_no_longer_happens_names_its_entry() -> None:
    with pytest.raises(CheckFailed, match="no longer happens; ledger entry some-entry must be"):
        StartCheck("k", CURRENT).must_fail(FILES, NAMED, "broken", known=VAGUE)


def test_held_against_the_documentation_the_promise_counts() -> None:
    check = StartCheck("k", CURRENT, Reading.DOCUMENTED)
    with pytest.raises(CheckFailed, match="no message of the class 'jobConfig'"):
        check.must_fail(FILES, ENDED, "broken", known=VAGUE)
    check.must_fail(FILES, NAMED, "never looked for", known=VAGUE)
    assert verdict_of(check) == (Verdict.PASSED, "")


def test_the_story_shows_everything_but_passwords() -> None:
    with pytest.raises(CheckFailed) as failed:
        StartCheck("k", CURRENT).must_start(FILES, ENDED)
    story = str(failed.value)
    for part in (
        "expected  healthy",
        "observed  ended with exit code 1",
        "jobs: [",
        "<p>",
        "PORT=(not set)",
    ):
        assert part in story
    assert "in a place" in story
    assert "geheim" not in story
