"""The summary: what a run may say, and what it must not."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.errors import ExitCode
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.summary import Summary

from ..stubs import record_of

STARTED = {
    "deployment": "embedded",
    "backend_version": "v5.2.1",
    "profile": "standard",
    "expect": "observed",
    "run": "run",
    "rules": ["create.allowed.all", "create.type.unknown"],
}


def summary_of(*records: CheckRecord, left: tuple[str, ...] = ()) -> Summary:
    """The summary of a finished run with those checks."""
    summary = Summary()
    summary.take("started", STARTED)
    for record in records:
        summary.take("check", {"record": record.to_json()})
    summary.take(
        "finished",
        {"seconds": 1.234, "requests": 7, "left_behind": list(left), "interrupted": False},
    )
    return summary


PASSED = record_of(Verdict.PASSED)
FAILED = record_of(Verdict.FAILED)
UNKNOWN = record_of(Verdict.UNKNOWN)
DEVIATING = record_of(Verdict.DEVIATING, ledger="an-entry")
ELSEWHERE = record_of(Verdict.NOT_VERIFIABLE, reason="needs another backend")

VERDICTS = {
    "passed": ((PASSED,), "pass", ExitCode.AS_SPECIFIED),
    "deviating": ((DEVIATING,), "pass", ExitCode.AS_SPECIFIED),
    "passed-and-not-verifiable": ((PASSED, ELSEWHERE), "pass", ExitCode.AS_SPECIFIED),
    "failed": ((PASSED, FAILED), "fail", ExitCode.SCICAT_DIFFERS),
    "failed-and-unknown": ((FAILED, UNKNOWN), "fail", ExitCode.SCICAT_DIFFERS),
    "one-unknown": ((PASSED, PASSED, UNKNOWN), "unknown", ExitCode.ENVIRONMENT_FAILED),
    "unknown-only": ((UNKNOWN,), "unknown", ExitCode.ENVIRONMENT_FAILED),
    "nothing-checked": ((), "unknown", ExitCode.ENVIRONMENT_FAILED),
    "nothing-verifiable": ((ELSEWHERE,), "unknown", ExitCode.ENVIRONMENT_FAILED),
}


@pytest.mark.parametrize(("records", "verdict", "code"), VERDICTS.values(), ids=VERDICTS)
def test_the_verdict_and_what_it_says_to_the_shell(
    records: tuple[CheckRecord, ...], verdict: str, code: ExitCode
) -> None:
    found = summary_of(*records)
    assert (found.verdict, found.exit_code) == (verdict, code)


def test_exit_codes_are_what_is_documented() -> None:
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3]


def test_the_keys_are_the_promised_ones_first_and_in_order() -> None:
    promised = [
        "verdict",
        "deployment",
        "backend_version",
        "checks",
        "rules",
        "seconds",
        "requests",
    ]
    written = summary_of(PASSED).to_json()
    assert list(written)[: len(promised)] == promised
    assert set(written) - set(promised) == {
        "profile",
        "effects",
        "start_up",
        "image",
        "digest",
        "checkout",
        "commit",
        "expect",
        "run",
        "rules_not_exercised",
        "causes",
        "known_deviations",
        "accepted",
        "not_verifiable",
        "left_behind",
        "fruitless",
        "noticed",
        "interrupted",
        "unobserved",
    }


def test_the_counts() -> None:
    found: dict[str, Any] = summary_of(PASSED, PASSED, DEVIATING, FAILED, UNKNOWN).to_json()
    assert found["checks"] == {
        "passed": 2,
        "deviating": 1,
        "accepted": 0,
        "failed": 1,
        "not_verifiable": 0,
        "unknown": 1,
    }
    assert found["rules"] == {"total": 2, "exercised": 1}
    assert found["rules_not_exercised"] == ["create.type.unknown"]
    assert (found["seconds"], found["requests"]) == (1.23, 7)
    assert found["known_deviations"] == {"an-entry": 1}


def test_what_was_not_verifiable_is_counted_by_name() -> None:
    found = summary_of(PASSED, ELSEWHERE, ELSEWHERE)
    assert found.to_json()["not_verifiable"] == {"needs another backend": 2}
    assert found.checks == 3


def test_rules_of_a_check_that_was_not_made_are_not_exercised() -> None:
    assert summary_of(ELSEWHERE).to_json()["rules"]["exercised"] == 0


def test_rules_that_were_met_but_are_no_rules_of_this_view_do_not_count() -> None:
    foreign = record_of(Verdict.PASSED, rules=("no.such.rule",))
    assert summary_of(foreign).to_json()["rules"] == {"total": 2, "exercised": 0}


def test_what_was_left_behind_is_told() -> None:
    assert summary_of(PASSED, left=("one job",)).to_json()["left_behind"] == ["one job"]


def test_a_run_that_did_not_start_is_not_green() -> None:
    assert (Summary().verdict, Summary().started) == ("unknown", False)


def of_a_facility(observed: str, operation: str = "create") -> CheckRecord:
    case = "scenarios/facility/test_configuration.py::test_silent[x]"
    more = {"case": case, "observed": observed, "operation": operation, "job_type": "archive"}
    return record_of(Verdict.PASSED, **more)


@pytest.mark.parametrize(
    ("observed", "said"),
    [
        (("invalid", "deny"), ["create archive: none of 2 requests succeeds, 1 are permitted"]),
        (("invalid", "allow"), []),
        (("", ""), ["create archive: no request could be made for its checks"]),
        (
            ("", "allow"),
            ["create archive: no check of its actions could be made, only those of permissions"],
        ),
        # Nobody may do it: that is what the configuration says.
        (("deny", "deny"), []),
    ],
    ids=["none-succeeds", "one-succeeds", "none-sent", "one-sent", "nobody-may"],
)
def test_job_types_of_a_facility_that_never_succeed(
    observed: tuple[str, ...], said: list[str]
) -> None:
    records = [of_a_facility(each) for each in observed]
    found = summary_of(*records, of_a_facility("allow", "update")).fruitless
    assert [each.removesuffix(" and fail") for each in found] == said


def test_our_own_job_types_may_be_made_to_fail() -> None:
    assert summary_of(record_of(Verdict.PASSED, observed="invalid")).fruitless == []
