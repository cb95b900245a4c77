"""Start checks: a start that must succeed or fail, judged and told."""

from __future__ import annotations

import pytest

from harness.deploy.deployment import Attempt, StartFiles
from harness.judge.outcome import CheckFailed
from harness.judge.start import Ending, Known, StartCheck
from harness.model.outcome import Verdict

from ..stubs import TOKEN

FILES = StartFiles("configVersion: v1\njobs: 7\n", environment={"EMAIL_TYPE": "smtp"})
STARTED = Attempt(healthy=True, exit_code=None, output="Listening")
ENDED = Attempt(healthy=False, exit_code=1, output="Error: jobs must be array\n")
CRASHED = Attempt(healthy=False, exit_code=139, output="Error: jobs must be array\n")
MESSAGE = r"jobs must be array"


@pytest.fixture
def check() -> StartCheck:
    """The judgement of one start."""
    return StartCheck("scenarios/startup")


def verdict(check: StartCheck) -> tuple[str, str, str]:
    """What was recorded."""
    assert check.record is not None
    return check.record.verdict, check.record.expected, check.record.observed


def test_a_start_that_must_succeed_and_does_is_passed(check: StartCheck) -> None:
    check.must_start(FILES, STARTED)
    assert verdict(check) == (Verdict.PASSED, "allow", "allow")


def test_a_start_that_must_fail_and_does_with_its_message_is_passed(check: StartCheck) -> None:
    check.must_fail(FILES, ENDED, MESSAGE)
    assert verdict(check) == (Verdict.PASSED, "invalid", "invalid")


def test_a_known_deviation_is_counted_as_one(check: StartCheck) -> None:
    check.must_start(FILES, STARTED, known=Known("starts-anyway", Ending(False)))
    assert verdict(check)[0] == Verdict.DEVIATING
    assert check.record is not None
    assert check.record.ledger == "starts-anyway"


def test_a_deviation_that_no_longer_happens_fails(check: StartCheck) -> None:
    with pytest.raises(CheckFailed, match="ended with exit code 1"):
        check.must_start(FILES, ENDED, known=Known("starts-anyway", Ending(False)))
    assert check.record is not None
    assert (check.record.verdict, check.record.ledger) == (Verdict.FAILED, "")


def test_a_start_that_should_have_failed_fails_the_check(check: StartCheck) -> None:
    with pytest.raises(CheckFailed, match="differs   started"):
        check.must_fail(FILES, STARTED, "Listening")
    assert verdict(check) == (Verdict.FAILED, "invalid", "allow")


def test_another_message_fails_the_check(check: StartCheck) -> None:
    with pytest.raises(CheckFailed, match="printed no message of the class 'no such text'"):
        check.must_fail(FILES, ENDED, "no such text")


def test_a_crash_is_no_orderly_end(check: StartCheck) -> None:
    with pytest.raises(CheckFailed, match="ended with exit code 139 instead of 1"):
        check.must_fail(FILES, CRASHED, MESSAGE)


def test_the_story_shows_files_settings_and_output_without_secrets(check: StartCheck) -> None:
    output = "\n".join(["too early", *(f"line {number}" for number in range(24)), TOKEN])
    with pytest.raises(CheckFailed) as failed:
        check.must_start(FILES, Attempt(healthy=False, exit_code=3, output=output))
    story = str(failed.value)
    assert "differs   ended with exit code 3" in story
    assert "    jobs: 7" in story
    assert "  EMAIL_TYPE=smtp" in story
    assert "    line 0\n" in story
    assert "too early" not in story
    assert TOKEN not in story


def test_a_missing_configuration_is_shown_as_missing(check: StartCheck) -> None:
    with pytest.raises(CheckFailed, match="no such file"):
        check.must_start(StartFiles(None), ENDED)
