"""The text of a failure: the whole story, and no secrets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scicat_harness.fixtures.axes import DATASET_LISTS
from scicat_harness.judge.failure import NOTHING_SEEN, CheckFailed, LogWindow, Sight, story_of
from scicat_harness.judge.pinned import Pinned
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.settle import Settlement
from scicat_harness.judge.trial import Trial
from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.request import CreateRequest, Ownership
from scicat_harness.model.text import Text

from ..stubs import TOKEN, asked, context_of, exchange_of, outcome_of, recorded

FOREIGN = next(each for each in DATASET_LISTS if each.name == "own+foreign")
REQUEST = CreateRequest("owner_access", FOREIGN, Ownership(group="group1"))
EXCHANGE = exchange_of(201, {"id": "1", "token": TOKEN}, request_body=f'{{"password":"{TOKEN}"}}')
NO_LOG = LogWindow({})
DIFFERENT = [Difference("status", 403, 201)]


@pytest.fixture
def story() -> str:
    """A stranger's dataset was let through."""
    with pytest.raises(CheckFailed) as failed:
        outcome_of(context_of(), "user1", REQUEST, EXCHANGE).must_be_as_specified()
    return str(failed.value)


def test_it_says_who_asked(story: str) -> None:
    assert story.startswith(
        "POST http://127.0.0.1:1/api/v4/jobs as user1 (group1; member of the owning group)"
    )


def test_it_says_what_was_expected_and_by_which_rule(story: str) -> None:
    assert "  expected  403 deny\n" in story
    assert "by create.datasets.owner: #datasetOwner: a listed dataset is owned by none" in story
    assert "(specification: create.dataset-access)" in story


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
    outcome = outcome_of(context_of(), "user1", REQUEST, EXCHANGE)
    expected = outcome.expected.against
    shown = str(story_of(outcome.sent.identity, EXCHANGE, expected, DIFFERENT, window))
    assert "backend log (no line names this request; the last 20)" in shown
    assert "before" not in shown
    assert window.lines()[0] == "refused ***"
    assert shown.count("    line\n") == 20


def test_where_no_log_is_seen_there_are_no_lines(tmp_path: Path) -> None:
    assert LogWindow.open(None).lines() == []
    assert LogWindow.open(tmp_path / "missing").lines() == []


def test_a_failed_check_is_recorded_with_its_rule() -> None:
    outcome = outcome_of(context_of(), "user1", REQUEST, EXCHANGE)
    with pytest.raises(CheckFailed):
        outcome.must_be_as_specified()
    record = recorded(outcome)
    assert (record.verdict, record.deciding) == (Verdict.FAILED, "create.datasets.owner")
    assert (record.expected, record.observed, record.status) == ("deny", "allow", 201)
    assert CheckRecord.from_json(record.to_json()) == record


def test_a_pin_that_the_oracle_does_not_share_fails() -> None:
    outcome = outcome_of(context_of(), "user1", REQUEST, EXCHANGE)
    with pytest.raises(CheckFailed, match="the oracle says status 403, pinned is 201"):
        outcome.must_be(Pinned(201))


def test_what_is_found_out_late_turns_the_record_into_a_failure() -> None:
    refused = exchange_of(
        403, {"message": "User does not have access to all datasets, cannot create job."}
    )
    trial = Trial(context_of(), "scenarios/case")
    trial.context.settlement = Settlement(lambda _: [{"id": "id-1", "statusMessage": "run-main-1"}])
    asked(trial, "user1", REQUEST, refused, settles=True).must_be_as_specified()
    (story,) = trial.context.settlement.settle()["scenarios/case"]
    text = "refused, but it shows in the stored job id-1 (type None)"
    assert f"differs   {text}" in str(story)
    assert trial.record is not None
    assert (trial.record.verdict, trial.record.reason) == (Verdict.FAILED, text)


def story_with(sight: Sight) -> list[str]:
    """The lines of a story of what was seen; the request was sent at 1000 seconds."""
    outcome = outcome_of(context_of(), "user1", REQUEST, EXCHANGE)
    exchange = replace(EXCHANGE, at=1000.0, seconds=0.02)
    expected = outcome.expected.against
    story = story_of(outcome.sent.identity, exchange, expected, DIFFERENT, NO_LOG, sight)
    return str(story).splitlines()


def test_the_timeline_counts_from_the_request() -> None:
    text = story_with(
        Sight([(1000.004, "a mail"), (1000.25, "barrier seen"), (None, "log of no known time")])
    )
    start = text.index("  timeline")
    assert text[start + 1 : start + 5] == [
        "      +0.000s  POST -> 201 after 0.020 s",
        "      +0.004s  a mail",
        "      +0.250s  barrier seen",
        "              log of no known time",
    ]


def test_what_was_received_is_shown_below_the_timeline() -> None:
    text = story_with(
        Sight([(1000.004, "a mail")], ["email through smtp, accepted", "  subject: x"])
    )
    start = text.index("  received")
    assert text[start + 1 : start + 3] == ["    email through smtp, accepted", "      subject: x"]
    assert start > text.index("  timeline")


def test_without_effects_there_is_no_timeline() -> None:
    assert "  timeline" not in story_with(NOTHING_SEEN)
    assert "  received" not in story_with(NOTHING_SEEN)


def test_an_expected_effect_is_shown_by_its_meaning() -> None:
    effect = Effect(Channel.EMAIL, {"subject": Text("{{s}}", "done $token")}, "a.mail")
    outcome = outcome_of(context_of(), "user1", REQUEST, EXCHANGE)
    expected = replace(outcome.expected.against, effects=(effect,), written=True)
    text = str(story_of(outcome.sent.identity, EXCHANGE, expected, DIFFERENT, LogWindow({})))
    assert "  effect    email: subject 'done $token' (by a.mail)\n" in text
    assert "  expected  403 deny, job written\n" in text
    assert "{{s}}" not in text


def test_the_log_is_cut_to_the_request_and_its_job(tmp_path: Path) -> None:
    job = "0b3f4f0e-0000-4000-8000-000000000001"
    log = tmp_path / "backend.log"
    log.write_text(
        f"somebody else\nrun-main-1 asked (Job {job})\nabout {job} again\nrun-main-2 asked\n"
    )
    window = LogWindow({log: 0})
    assert window.lines("run-main-1") == [
        f"run-main-1 asked (Job {job})",
        f"about {job} again",
    ]
    assert window.lines("run-main-9") == []
    assert len(window.lines()) == 4
