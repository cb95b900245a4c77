"""What a stored run does not say cannot be judged again, and is counted by its reason."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.config.jobconfig import version_of
from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.oracle.predict import Unspecified
from scicat_harness.suite.matrices import matrices

from ..everything import NOW, oracle_of
from .folders import check, seen
from .rechecks import (
    CREATES,
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


CREATED = f"{matrices()[CREATES].name}[anonymous-all_access-no-list-nothing]"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"case": "scenarios/read/test_filters.py::test_facets_count"}, "written by hand"),
        ({"case": "scenarios/read/test_one.py::test_through_v4[nobody-at-all]"}, "no such case"),
        ({"case": "scenarios/read/test_gone.py::test_gone"}, "no such case"),
        ({"case": "scenarios/facility/test_plan.py::test_a[b]"}, "a facility's own"),
        ({"seen": ()}, "has no record of what was observed"),
        ({"verdict": Verdict.UNKNOWN}, "unknown then"),
        ({"verdict": Verdict.NOT_VERIFIABLE}, "not verifiable then"),
        ({"verdict": Verdict.FAILED}, "something that a record does not keep"),
    ],
)
def test_what_cannot_be_judged_is_counted_by_reason(
    more: dict[str, Any], reason: str, reads: list[CheckRecord], tmp_path: Path
) -> None:
    found = again(tmp_path, replace(allowed(reads), **more))
    assert (found.judged, found.exit_code) == ([], 2)
    [told] = found.left_out
    assert reason in told
    assert found.conclusion == "nothing could be judged again"
    assert f"    1  {told}; e.g. " in found.text()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("message", "something that a record does not keep"),
        ("status", "the rest was never compared"),
    ],
)
def test_what_failed_by_more_than_is_kept_cannot_be_judged(
    path: str, reason: str, reads: list[CheckRecord], tmp_path: Path
) -> None:
    [told] = again(tmp_path, failed_before(allowed(reads), path)).left_out
    assert reason in told


def test_a_create_that_failed_early_is_not_called_as_specified(tmp_path: Path) -> None:
    record = next(each for each in as_foreseen(CREATES) if each.observed == Decision.ALLOW)
    failed = failed_before(altered(record, effects=None), "status")
    [reason] = again(tmp_path, failed).left_out
    assert reason == "its reply is as specified, but stored job and effects were never settled"


def test_the_lattice_is_judged_without_the_oracle(tmp_path: Path) -> None:
    lattice = matrices()["scenarios.create.test_lattice.test_stricter_implies_laxer"]
    key, _ = next(lattice.cases(Profile.STANDARD))
    assert list(again(tmp_path, check(seen(), case=key)).left_out) == ["judged without the oracle"]


def test_a_case_without_a_promised_order_is_not_judged(tmp_path: Path) -> None:
    oracle = oracle_of(SITE.name, NOW)
    scenario = matrices()["scenarios.create.test_v3.test_every_auth_value"]
    for key, case in scenario.cases(Profile.FULL):
        try:
            case.predict(oracle)
        except Unspecified:
            found = again(tmp_path, check(seen(), case=key), profile="full")
            assert list(found.left_out) == ["no order is promised"]
            return
    pytest.skip("every case of the matrix is specified")


def test_other_job_types_are_no_difference_of_the_backend(
    reads: list[CheckRecord], tmp_path: Path
) -> None:
    found = again(tmp_path / "a", *reads, configuration="harness-000000000000")
    assert (found.judged, found.exit_code) == ([], 2)
    assert list(found.left_out) == ["the job types of the union site have changed since the run"]
    same = again(tmp_path / "b", *reads, configuration=version_of(SITE))
    assert (len(same.judged), same.warnings) == (len(reads), [])


def test_a_run_that_does_not_tell_its_job_types_is_warned_of(
    reads: list[CheckRecord], tmp_path: Path
) -> None:
    assert "warning: the run has no record of its job types" in again(tmp_path, reads[0]).text()


def test_smoke_finds_its_cases_among_those_of_standard(
    reads: list[CheckRecord], tmp_path: Path
) -> None:
    assert len(again(tmp_path, *reads, profile="smoke").judged) == len(reads)


def test_the_text_stays_short(reads: list[CheckRecord], tmp_path: Path) -> None:
    wrong = [altered(each, status=500 + n, observed="invalid") for n, each in enumerate(reads)]
    gone = [
        replace(each, verdict=Verdict.UNKNOWN, case=f"{each.case}-{n}")
        for n, each in enumerate(reads)
    ]
    assert len(again(tmp_path, *wrong, *gone).text().splitlines()) <= 40


def test_json_has_every_case_that_fails(reads: list[CheckRecord], tmp_path: Path) -> None:
    wrong = [altered(each, status=500, observed="invalid") for each in reads]
    told = json.loads(json.dumps(again(tmp_path, *wrong).to_json()))
    assert len(told["cases"]) == told["rechecked"] == told["now"]["failed"] == len(reads)
    assert told["exit_code"] == 1


@pytest.mark.parametrize("started", [{"profile": "huge"}, {"expect": "hoped"}])
def test_a_run_of_another_kind_cannot_be_read(
    started: dict[str, str], reads: list[CheckRecord], tmp_path: Path
) -> None:
    with pytest.raises(UsageFault, match=r"line 1 .*(profile|expect): is none of"):
        again(tmp_path, reads[0], **started)


def test_a_record_that_is_none_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=r"line 2 .*record.seen.0.effects.0: channel must be text"):
        again(tmp_path, altered(mail(), effects=[{"text": "no channel"}]))
