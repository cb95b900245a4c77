"""Stored runs are judged again: by what was observed, and by the rules of today."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.oracle import predict, update
from scicat_harness.oracle.rule import RuleTable
from scicat_harness.suite import recheck as judging

from .rechecks import (
    CREATES,
    KNOCKS,
    LISTS,
    READS,
    again,
    allowed,
    altered,
    as_foreseen,
    failed_before,
    mail,
)


@pytest.fixture(scope="module")
def reads() -> list[CheckRecord]:
    """Reads as foreseen."""
    return as_foreseen(READS)


@pytest.mark.parametrize("scenario", [READS, LISTS, CREATES, KNOCKS])
def test_what_is_as_foreseen_stays_as_it_was(scenario: str, tmp_path: Path) -> None:
    records = as_foreseen(scenario)
    found = again(tmp_path, *records)
    assert (len(found.judged), found.exit_code) == (len(records), 0)
    assert {(each.was, each.now) for each in found.judged} <= {
        ("passed", "passed"),
        ("deviating", "deviating"),
    }
    assert found.left_out == {}


def test_another_status_fails_by_the_rule_of_today(
    reads: list[CheckRecord], tmp_path: Path
) -> None:
    found = again(tmp_path, altered(allowed(reads), status=403, observed="deny"), reads[0])
    [failed] = found.failed
    assert (failed.was, failed.now) == ("passed", "failed")
    assert failed.rule.startswith("read.allowed.")
    assert failed.reason == "status 403 instead of 200"
    assert found.exit_code == 1
    assert f"passed -> failed  {failed.rule}; e.g. read/one [" in found.text()


def test_another_outcome_class_fails(reads: list[CheckRecord], tmp_path: Path) -> None:
    refused = next(each for each in reads if each.observed == Decision.DENY)
    [failed] = again(tmp_path, altered(refused, observed="invalid")).failed
    assert failed.reason == "was invalid by its message, instead of deny"


def test_a_job_that_a_list_hides_fails(tmp_path: Path) -> None:
    shown = next(each for each in as_foreseen(LISTS) if each.observed == Decision.ALLOW)
    [failed] = again(tmp_path, altered(shown, observed="deny")).failed
    assert failed.reason == "the job is not shown in the list"


@pytest.mark.parametrize(
    ("observed", "effects", "reason"),
    [
        ("allow", [], "0 stored jobs carry this request instead of one"),
        (
            "deny",
            [{"channel": "job"}],
            "refused, but it shows in the stored job None (type None)",
        ),
    ],
)
def test_what_is_stored_is_compared(
    observed: str, effects: list[Any], reason: str, tmp_path: Path
) -> None:
    record = next(
        each
        for each in as_foreseen(CREATES)
        if each.observed == observed and each.verdict == Verdict.PASSED
    )
    assert again(tmp_path, altered(record, effects=effects)).failed[0].reason == reason


def test_owners_of_a_stored_job_are_compared(tmp_path: Path) -> None:
    record = next(each for each in as_foreseen(CREATES) if each.observed == Decision.ALLOW)
    [job] = record.seen[-1]["effects"]
    [failed] = again(tmp_path, altered(record, effects=[{**job, "ownerGroup": "x"}])).failed
    assert failed.reason.startswith(
        "stored otherwise than specified: ownerGroup is 'x' instead of "
    )


def test_effects_are_compared_by_content(tmp_path: Path) -> None:
    found = again(tmp_path / "a", mail())
    assert (found.now["passed"], found.effects) == (1, 1)
    [failed] = again(tmp_path / "b", mail(subject="something else")).failed
    assert failed.reason == (
        "email: subject 'something else' instead of 'plain $token' (by actions.perform.email.sends)"
    )


@pytest.mark.parametrize("number", [0, 2])
def test_effects_are_compared_by_number(number: int, tmp_path: Path) -> None:
    record = mail()
    job, sent = record.seen[-1]["effects"]
    [failed] = again(tmp_path, altered(record, effects=[job, *[sent] * number])).failed
    assert failed.reason.startswith("no email with" if number == 0 else "unexpected email")


def test_effects_that_nobody_could_see_are_not_missed(tmp_path: Path) -> None:
    record = mail()
    job, _ = record.seen[-1]["effects"]
    found = again(tmp_path, altered(record, effects=[job], watched=False))
    assert (found.now["passed"], found.effects) == (1, 0)


def test_another_oracle_judges_otherwise(
    reads: list[CheckRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tuple(rule for rule in update.READ.rules if rule.id != "read.allowed.admin")
    monkeypatch.setattr(predict, "READ", RuleTable("read", rules))
    found = again(tmp_path, *reads)
    assert found.failed
    assert {each.reason for each in found.failed} == {"status 200 instead of 403"}
    assert found.changed == found.failed


def test_another_ledger_judges_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deviating = [each for each in as_foreseen(LISTS) if each.verdict == Verdict.DEVIATING]
    [entry] = {each.ledger for each in again(tmp_path / "a", *deviating).judged}
    assert entry == "anonymous-jwt-is-a-user"
    monkeypatch.setattr(judging, "LEDGER", Ledger())
    found = again(tmp_path / "b", *deviating)
    assert len(found.failed) == len(deviating)
    assert "has no entry for it" in found.failed[0].reason


def test_a_deviation_that_is_mended_fails(tmp_path: Path) -> None:
    record = next(each for each in as_foreseen(LISTS) if each.verdict == Verdict.DEVIATING)
    [failed] = again(tmp_path, altered(record, status=403, observed="deny")).failed
    assert failed.reason == (
        "status 403 instead of 200; this is what the documentation promises: a known deviation "
        "no longer happens; ledger entry anonymous-jwt-is-a-user must be closed for this release"
    )


def test_held_against_the_documentation_there_is_no_ledger(tmp_path: Path) -> None:
    record = next(each for each in as_foreseen(LISTS) if each.verdict == Verdict.DEVIATING)
    found = again(tmp_path, record, expect="documented")
    assert [each.reason for each in found.failed] == ["status 200 instead of 403"]


def test_what_failed_by_the_ledger_alone_can_be_mended(
    reads: list[CheckRecord], tmp_path: Path
) -> None:
    [judged] = again(tmp_path, failed_before(allowed(reads), "deviation.unknown")).judged
    assert (judged.was, judged.now) == ("failed", "passed")
