"""The text of a failure: the whole story, and no secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.axes import DATASET_LISTS
from harness.judge.failure import LogWindow, failure_text
from harness.judge.outcome import CheckFailed, Pinned
from harness.judge.record import CheckRecord
from harness.model.outcome import Verdict
from harness.model.request import CreateRequest, Ownership

from ..stubs import TOKEN, desk_of, exchange_of, outcome_of

FOREIGN = next(each for each in DATASET_LISTS if each.name == "own+foreign")
REQUEST = CreateRequest("owner_access", FOREIGN, Ownership(group="group1"))
EXCHANGE = exchange_of(201, {"id": "1", "token": TOKEN}, request_body=f'{{"password":"{TOKEN}"}}')


@pytest.fixture
def story() -> str:
    """A stranger's dataset was let through."""
    with pytest.raises(CheckFailed) as failed:
        outcome_of(desk_of(), "user1", REQUEST, EXCHANGE).must_be_as_specified()
    return str(failed.value)


def test_it_says_who_asked(story: str) -> None:
    assert story.startswith(
        "POST http://127.0.0.1:1/api/v4/jobs as user1 (group1; member of the owning group)"
    )


def test_it_says_what_was_expected_and_by_which_rule(story: str) -> None:
    assert "  expected  403 deny\n" in story
    assert "by create.datasets.owner: #datasetOwner: a listed dataset is owned by none" in story
    assert "(seed slide: Permissions)" in story


def test_it_says_what_was_observed_and_in_what_it_differs(story: str) -> None:
    assert "  observed  201 " in story
    assert "  differs   status 201 instead of 403" in story


def test_it_has_a_curl_line(story: str) -> None:
    assert "  curl      curl -X POST http://127.0.0.1:1/api/v4/jobs" in story


def test_it_has_no_secrets(story: str) -> None:
    assert TOKEN not in story
    assert "***" in story


def test_it_shows_what_the_backend_logged_meanwhile(tmp_path: Path) -> None:
    log = tmp_path / "backend.log"
    log.write_text("before\n")
    window = LogWindow.open(log)
    with log.open("a") as written:
        written.write(f"refused {TOKEN}\n" + "line\n" * 30)
    outcome = outcome_of(desk_of(), "user1", REQUEST, EXCHANGE)
    prediction = outcome.expected.against
    shown = failure_text(outcome.identity, EXCHANGE, prediction, ["x"], window)
    assert "backend log (31 lines)" in shown
    assert "before" not in shown
    assert window.lines()[0] == "refused ***"
    assert shown.count("    line\n") == 20


def test_where_no_log_is_seen_there_are_no_lines(tmp_path: Path) -> None:
    assert LogWindow.open(None).lines() == []
    assert LogWindow.open(tmp_path / "missing").start == 0


def test_a_failed_check_is_recorded_with_its_rule() -> None:
    outcome = outcome_of(desk_of(), "user1", REQUEST, EXCHANGE)
    with pytest.raises(CheckFailed):
        outcome.must_be_as_specified()
    record = outcome.trial.record
    assert record is not None
    assert (record.verdict, record.deciding) == (Verdict.FAILED, "create.datasets.owner")
    assert (record.expected, record.observed, record.status) == ("deny", "allow", 201)
    assert CheckRecord.from_json(record.to_json()) == record


def test_a_pin_that_the_oracle_does_not_share_fails() -> None:
    outcome = outcome_of(desk_of(), "user1", REQUEST, EXCHANGE)
    with pytest.raises(CheckFailed, match="the oracle says 403, pinned is 201"):
        outcome.must_be(Pinned(201))


def test_a_late_finding_turns_the_record_into_a_failure() -> None:
    refused = exchange_of(
        403, {"message": "User does not have access to all datasets, cannot create job."}
    )
    outcome = outcome_of(desk_of(), "user1", REQUEST, refused)
    outcome.must_be_as_specified()
    story = outcome.unsettled(["refused, and yet it shows"])
    assert "differs   refused, and yet it shows" in story
    assert outcome.trial.record is not None
    assert outcome.trial.record.verdict == Verdict.FAILED
    assert outcome.trial.record.reason == "refused, and yet it shows"
