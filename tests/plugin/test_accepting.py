"""Accepted differences: they pass until their date, and the file is strict both ways."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.levels import LEVELS
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.difference import Difference
from scicat_harness.model.outcome import Verdict
from scicat_harness.plugin.accepting import Accepting
from scicat_harness.report.certificate.certificate import Conclusion, certificate_of
from scicat_harness.report.stored.run import read_run

from ..report.folders import check, seen
from .runs import harness

DEFECT = "--defect=datasets.check.any-instead-of-all"
FEW = ("--profile=smoke", "-k", "test_matrix and owner_access")
DAY = datetime.date(2026, 6, 1)
ENTRY = """\
- kind: more permissive
  operation: create
  identity: user1
  observed: 201 allow
  reason: until the datasets are right
  owner: release-team@site.example
  until: 2026-12-31
"""
SAID = "until the datasets are right (until 2026-12-31, release-team@site.example)"


def accepting(tmp_path: Path, entries: str) -> Accepting:
    file = tmp_path / "scicat-accepted.yaml"
    file.write_text(entries, encoding="utf-8")
    return Accepting(file, DAY)


@pytest.fixture
def failed() -> CheckRecord:
    """A create of user1 that should have been refused."""
    return check(
        seen(
            status=201,
            observed="allow",
            verdict="failed",
            differences=(Difference("status", 403, 201).to_json(),),
        ),
        verdict=Verdict.FAILED,
        identity="user1",
        operation="create",
        status=201,
        expected="deny",
        observed="allow",
        deciding="create.datasets.owner",
    )


def test_the_named_difference_is_accepted(failed: CheckRecord, tmp_path: Path) -> None:
    judged = accepting(tmp_path, ENTRY).judged(failed.to_json())
    assert judged["verdict"] == "accepted"
    assert judged["accepted"] == SAID
    assert CheckRecord.from_json(judged).as_judged() == failed


@pytest.mark.parametrize(
    "changed",
    [
        ENTRY.replace("user1", "user2"),
        ENTRY.replace("201 allow", "403 deny"),
        ENTRY.replace("more permissive", "crash"),
        ENTRY.replace("operation: create", "operation: update"),
        ENTRY + "  rule: create.allowed.admin\n",
        ENTRY + "  place: update/\n",
    ],
)
def test_another_one_is_not(changed: str, failed: CheckRecord, tmp_path: Path) -> None:
    known = accepting(tmp_path, changed)
    assert known.judged(failed.to_json())["verdict"] == "failed"
    ((name, sentence),) = known.wrong_entries(complete=True)
    assert name == "accepted::1"
    assert sentence.startswith("the difference that it accepts does not happen: ")
    # Some checks only say nothing about the others.
    assert list(known.wrong_entries(complete=False)) == []


@pytest.mark.parametrize("more", ["  rule: create.*\n", "  place: create/test_*\n", ""])
def test_rules_and_places_may_be_patterns(more: str, failed: CheckRecord, tmp_path: Path) -> None:
    known = accepting(tmp_path, ENTRY + more)
    record = replace(failed, case="scenarios/create/test_matrix.py::test_x[user1]")
    assert known.judged(record.to_json())["verdict"] == "accepted"
    assert list(known.wrong_entries(complete=True)) == []


def test_a_refusal_covers_what_should_have_been_refused_otherwise(
    failed: CheckRecord, tmp_path: Path
) -> None:
    request = replace(
        failed.requests[0],
        status=403,
        observed="deny",
        differences=(Difference("status", 400, 403).to_json(),),
    )
    record = replace(
        failed,
        operation="create endpoint",
        status=403,
        expected="invalid",
        observed="deny",
        seen=(request.to_json(),),
    )
    entry = ENTRY.replace("more permissive", "refused though promised").replace(
        "201 allow", "403 deny"
    )
    assert accepting(tmp_path, entry).judged(record.to_json())["verdict"] == "accepted"


def test_another_difference_is_not_hidden_behind_an_accepted_one(
    failed: CheckRecord, tmp_path: Path
) -> None:
    (shown,) = failed.requests
    crashed = replace(shown, status=500, observed="invalid")
    leaking = replace(
        shown, differences=(*shown.differences, Difference("reply.leak", None, "a key").to_json())
    )
    for requests in ((crashed, shown), (leaking,)):
        record = replace(failed, seen=tuple(each.to_json() for each in requests))
        assert accepting(tmp_path, ENTRY).judged(record.to_json())["verdict"] == "failed"


def test_past_its_date_it_accepts_nothing(failed: CheckRecord, tmp_path: Path) -> None:
    known = accepting(tmp_path, ENTRY.replace("2026-12-31", "2026-05-31"))
    assert known.judged(failed.to_json())["verdict"] == "failed"
    ((_, sentence),) = known.wrong_entries(complete=False)
    assert sentence.startswith("past its date 2026-05-31: more permissive, create, user1")


def test_a_passed_check_stays_as_it_is(failed: CheckRecord, tmp_path: Path) -> None:
    passed = replace(failed, verdict=Verdict.PASSED).to_json()
    assert accepting(tmp_path, ENTRY).judged(passed) == passed


def test_findings_of_lint_in_the_same_file_are_left_to_lint(tmp_path: Path) -> None:
    finding = "- {rule: a.rule, reason: r, owner: o, until: 2020-01-01}\n"
    assert list(accepting(tmp_path, finding).wrong_entries(complete=True)) == []


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (
            ENTRY.replace("more permissive", "most permissive"),
            "'most permissive' cannot be accepted",
        ),
        (ENTRY.replace("  owner", "  owned"), "0.owner: Field required"),
        (ENTRY + "  status: 201\n", "0.status: Extra inputs are not permitted; found 201"),
    ],
)
def test_a_wrong_entry_is_one_message(entries: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageFault) as caught:
        accepting(tmp_path, entries)
    assert str(caught.value).startswith(str(tmp_path / "scicat-accepted.yaml"))
    assert said in str(caught.value)


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_a_run_passes_with_it_and_its_certificate_does_not(workers: str, tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(ENTRY.replace("2026-12-31", "9999-12-31"), encoding="utf-8")
    given = ("run", *FEW, workers, DEFECT, f"--accept={file}", "--report-dir=r", "--maxfail=1")
    done = harness(*given, cwd=tmp_path)
    assert done.code == 0, done.output
    assert "accepted: 2 checks: until the datasets are right" in done.output
    verdicts = [str(each.verdict) for each in read_run(tmp_path / "r").records.values()]
    assert verdicts.count("accepted") == 2
    certificate = certificate_of(tmp_path / "r", LEVELS, LEDGER)
    assert certificate.level("core").conclusion is Conclusion.NOT_CONFORMANT
    without = harness("run", *FEW, workers, DEFECT, "--report-dir=r", cwd=tmp_path)
    assert without.code == 1, without.output
